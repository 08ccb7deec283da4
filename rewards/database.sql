-- What Django's models of this app cannot express. docs/database.md says how to change it.

-- The ledger of points is append-only: a user's points are the sum of the entries.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON rewards_pointentry
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON rewards_pointentry
    FOR EACH STATEMENT EXECUTE FUNCTION moments_refuse_change();
-- So is what entries took from batches, and what was reported, reversed, and adjusted.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON rewards_pointallocation
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON rewards_pointallocation
    FOR EACH STATEMENT EXECUTE FUNCTION moments_refuse_change();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON rewards_pointevent
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON rewards_pointevent
    FOR EACH STATEMENT EXECUTE FUNCTION moments_refuse_change();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON rewards_pointreversal
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON rewards_pointreversal
    FOR EACH STATEMENT EXECUTE FUNCTION moments_refuse_change();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON rewards_pointadjustment
    FOR EACH ROW EXECUTE FUNCTION moments_refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON rewards_pointadjustment
    FOR EACH STATEMENT EXECUTE FUNCTION moments_refuse_change();

-- Credits and debits update these rows all the time; room in the page keeps the updates cheap (heap-only tuples).
ALTER TABLE rewards_pointaccount SET (fillfactor = 70);
ALTER TABLE rewards_pointbatch SET (fillfactor = 70);
ALTER TABLE rewards_pointdailytotals SET (fillfactor = 50);

-- Every issue updates a row of its day: room in the page keeps these updates cheap (heap-only tuples).
ALTER TABLE rewards_dailyrewardtotals SET (fillfactor = 50);

-- Issues one reward: everything is decided, written and charged here, in one round trip.
--
-- What is refused before anything is written comes back as an outcome. What the caps refuse after the writes is raised
-- (SQLSTATE MR001, the refusal's code as the message), which undoes them all. Inserts come first and the counters that
-- everybody wants last, always in one order: campaign total, campaign-month, organization-month.
--
-- Who would wait longer for these rows than a caller waits for an answer is turned away with nothing done.
--
-- Outcomes: ``IssueOutcome`` in rewards/issuing/outcomes.py. Callers name the arguments; the columns of the answer are
-- the fields of ``IssueResult`` in rewards/issuing/service.py, by name.
CREATE OR REPLACE FUNCTION moments_issue_reward(
    p_id uuid, p_token_digest text, p_token_version int, p_app uuid, p_campaign uuid, p_moment text, p_group text,
    p_device text, p_user text, p_key text, p_fingerprint text, p_locale text, p_source text, p_is_live boolean,
    p_external_id text, p_metadata jsonb, p_is_emailed boolean, p_shift interval,
    OUT outcome text, OUT reward_id uuid, OUT token_version int, OUT charge_cents bigint, OUT credit_cents bigint,
    OUT currency text, OUT remaining_count bigint, OUT ends_at timestamptz, OUT expires_at timestamptz,
    OUT message text, OUT image text, OUT retail_value_cents bigint
) LANGUAGE plpgsql SET lock_timeout = '1500ms' AS $$
DECLARE
    v_now timestamptz := clock_timestamp() + p_shift;
    v_month date := date_trunc('month', v_now AT TIME ZONE 'UTC')::date;
    v_campaign campaigns_campaign%ROWTYPE;
    v_moment campaigns_moment%ROWTYPE;
    v_group campaigns_rewardgroup%ROWTYPE;
    v_reward rewards_reward%ROWTYPE;
    v_organization accounts_organization%ROWTYPE;
    v_slot int;
    v_is_new boolean := false;
    v_total bigint;
    v_month_left bigint;
    v_organization_left bigint;
BEGIN
    SELECT * INTO v_campaign FROM campaigns_campaign WHERE id = p_campaign AND app_id = p_app;
    IF NOT FOUND THEN outcome := 'unknown_campaign'; RETURN; END IF;
    SELECT * INTO v_moment FROM campaigns_moment WHERE campaign_id = p_campaign AND key = p_moment;
    IF NOT FOUND THEN outcome := 'unknown_moment'; RETURN; END IF;
    SELECT * INTO v_group FROM campaigns_rewardgroup
        WHERE campaign_id = p_campaign AND (key = p_group OR marketplace_id = p_group)
        ORDER BY key = p_group DESC LIMIT 1;
    IF NOT FOUND THEN outcome := 'unknown_reward_group'; RETURN; END IF;

    ends_at := v_campaign.ends_at;
    expires_at := v_campaign.rewards_expire_at;
    message := coalesce(
        (SELECT nullif(said.texts ->> 'redemption_message', '')
            FROM jsonb_each(v_campaign.translations) AS said(language, texts)
            WHERE split_part(said.language, '-', 1) = lower(split_part(replace(p_locale, '_', '-'), '-', 1))),
        v_campaign.redemption_message);
    image := coalesce(
        (SELECT min(nullif(product.picture, '')) FROM campaigns_groupproduct choice
            JOIN catalog_product product ON product.id = choice.product_id
            WHERE choice.group_id = v_group.id HAVING count(*) = 1),
        (SELECT banner.image FROM campaigns_banner banner WHERE banner.id = v_campaign.banner_id));
    SELECT store.currency INTO currency FROM catalog_marketplace store WHERE store.code = v_group.marketplace_id;
    SELECT * INTO v_organization FROM accounts_organization WHERE id = v_campaign.organization_id;
    SELECT cpa_cents INTO charge_cents FROM campaigns_momentcost
        WHERE moment_id = v_moment.id AND group_id = v_group.id;
    charge_cents := coalesce(charge_cents, 0);
    credit_cents := round(charge_cents * coalesce(v_group.credit_per_cent, 1));
    retail_value_cents := coalesce(v_group.retail_value_cents, credit_cents);
    SELECT least(
            v_campaign.total_budget_cents - v_campaign.total_spent_cents,
            v_campaign.monthly_limit_cents - coalesce((SELECT spent_cents FROM campaigns_campaignmonth
                WHERE campaign_id = p_campaign AND month = v_month), 0),
            v_organization.monthly_limit_cents - coalesce((SELECT spent_cents FROM campaigns_organizationmonth
                WHERE organization_id = v_organization.id AND month = v_month), 0)) / greatest(charge_cents, 1)
        INTO remaining_count;
    remaining_count := greatest(remaining_count, 0);

    -- A repeat gets the first answer, whatever has happened to the campaign since.
    IF p_is_live THEN
        IF p_key IS NOT NULL THEN
            SELECT * INTO v_reward FROM rewards_reward WHERE app_id = p_app AND idempotency_key = p_key;
        ELSIF p_user IS NOT NULL AND v_campaign.per_user_limit = 1 THEN
            SELECT * INTO v_reward FROM rewards_reward
                WHERE moment_id = v_moment.id AND app_user_id = p_user AND user_slot = 1;
        END IF;
        IF v_reward.id IS NOT NULL THEN
            outcome := CASE WHEN p_key IS NOT NULL AND v_reward.fingerprint <> p_fingerprint
                THEN 'idempotency_key_reused' ELSE 'replay' END;
            reward_id := v_reward.id; token_version := v_reward.token_key_version;
            charge_cents := v_reward.charge_cents; credit_cents := v_reward.credit_cents; currency := v_reward.currency;
            SELECT coalesce(issued_of.retail_value_cents, credit_cents) INTO retail_value_cents
                FROM campaigns_rewardgroup issued_of WHERE issued_of.id = v_reward.group_id;
            RETURN;
        END IF;
    END IF;

    IF NOT p_is_live OR v_campaign.status = 'approved' THEN outcome := 'preview'; RETURN; END IF;
    outcome := CASE
        WHEN v_organization.status <> 'active' THEN 'organization_suspended'
        WHEN v_campaign.status IN ('draft', 'pending', 'rejected') OR charge_cents < 1 THEN 'campaign_not_approved'
        WHEN v_campaign.status = 'suspended' THEN 'campaign_suspended'
        WHEN v_campaign.status = 'finished' OR v_campaign.ends_at <= v_now THEN 'campaign_finished'
        WHEN v_campaign.starts_at > v_now THEN 'campaign_not_started'
        WHEN v_campaign.held_at IS NOT NULL THEN 'held_for_review'
        WHEN EXISTS (SELECT FROM rewards_reward WHERE campaign_id = p_campaign AND external_id = p_external_id)
            THEN 'external_id_reused'
    END;
    IF outcome IS NOT NULL THEN RETURN; END IF;

    -- Rewards that points were exchanged for take no slot: the exchange is a limit of its own.
    IF p_user IS NOT NULL AND p_source <> 'points' THEN
        SELECT count(user_slot) + 1 INTO v_slot FROM rewards_reward
            WHERE moment_id = v_moment.id AND app_user_id = p_user;
    END IF;
    LOOP
        EXIT WHEN v_slot > v_campaign.per_user_limit;
        INSERT INTO rewards_reward (
            id, organization_id, app_id, campaign_id, moment_id, group_id, status, source, app_user_id, user_slot,
            device_type, locale, charge_cents, credit_cents, currency, idempotency_key, fingerprint, token_digest,
            token_key_version, issued_at, external_id, metadata, is_emailed)
        VALUES (
            p_id, v_campaign.organization_id, p_app, p_campaign, v_moment.id, v_group.id, 'issued', p_source, p_user,
            v_slot, p_device, p_locale, charge_cents, credit_cents, currency, p_key, p_fingerprint, p_token_digest,
            p_token_version, v_now, p_external_id, p_metadata, p_is_emailed)
        ON CONFLICT DO NOTHING;
        v_is_new := FOUND;
        EXIT WHEN v_is_new OR v_slot IS NULL;
        EXIT WHEN EXISTS (SELECT FROM rewards_reward WHERE app_id = p_app AND idempotency_key = p_key);
        EXIT WHEN EXISTS (SELECT FROM rewards_reward WHERE campaign_id = p_campaign AND external_id = p_external_id);
        v_slot := v_slot + 1;
    END LOOP;
    IF NOT v_is_new THEN
        -- A twin was first and has committed: this statement, unlike those before, sees its row.
        SELECT * INTO v_reward FROM rewards_reward
            WHERE (p_key IS NOT NULL AND app_id = p_app AND idempotency_key = p_key)
               OR (p_key IS NULL AND v_campaign.per_user_limit = 1
                   AND moment_id = v_moment.id AND app_user_id = p_user AND user_slot = 1);
        IF v_reward.id IS NULL THEN
            outcome := CASE WHEN EXISTS (
                    SELECT FROM rewards_reward WHERE campaign_id = p_campaign AND external_id = p_external_id)
                THEN 'external_id_reused' ELSE 'user_limit_reached' END;
            RETURN;
        END IF;
        outcome := CASE WHEN p_key IS NOT NULL AND v_reward.fingerprint <> p_fingerprint
            THEN 'idempotency_key_reused' ELSE 'replay' END;
        reward_id := v_reward.id; token_version := v_reward.token_key_version;
        charge_cents := v_reward.charge_cents; credit_cents := v_reward.credit_cents; currency := v_reward.currency;
        SELECT coalesce(issued_of.retail_value_cents, credit_cents) INTO retail_value_cents
            FROM campaigns_rewardgroup issued_of WHERE issued_of.id = v_reward.group_id;
        RETURN;
    END IF;

    INSERT INTO campaigns_budgetentry (
            organization_id, campaign_id, moment_id, month, kind, amount_cents, reference, occurred_at)
        VALUES (v_campaign.organization_id, p_campaign, v_moment.id, v_month, 'reward', charge_cents,
            'reward:' || p_id, v_now);
    INSERT INTO outbox_event (event_id, organization_id, type, payload, dedupe_key, created_at)
        VALUES (gen_random_uuid(), v_campaign.organization_id, 'reward.issued', jsonb_build_object(
            'reward', p_id, 'campaign', p_campaign, 'moment', p_moment, 'group', v_group.key, 'source', p_source,
            'charge', to_char(charge_cents / 100.0, 'FM9999999990.00'), 'currency', 'USD'),
            'reward.issued:' || p_id, v_now);

    -- State and limits are read again from the locked row: a campaign paused or held while this call waited issues
    -- nothing, and a limit lowered meanwhile holds.
    UPDATE campaigns_campaign SET total_spent_cents = total_spent_cents + charge_cents
        WHERE id = p_campaign AND status = 'live' AND held_at IS NULL
            AND total_spent_cents + charge_cents <= total_budget_cents
            AND campaigns_campaign.ends_at > clock_timestamp() + p_shift
        RETURNING total_budget_cents - total_spent_cents, monthly_limit_cents
        INTO v_total, v_campaign.monthly_limit_cents;
    IF NOT FOUND THEN
        SELECT * INTO v_campaign FROM campaigns_campaign WHERE id = p_campaign;
        RAISE EXCEPTION USING ERRCODE = 'MR001', MESSAGE = CASE v_campaign.status
            WHEN 'live' THEN CASE WHEN v_campaign.ends_at <= clock_timestamp() + p_shift
                THEN 'campaign_finished' WHEN v_campaign.held_at IS NOT NULL THEN 'held_for_review'
                ELSE 'campaign_budget_exhausted' END
            WHEN 'suspended' THEN 'campaign_suspended' WHEN 'finished' THEN 'campaign_finished'
            ELSE 'campaign_not_approved' END;
    END IF;
    INSERT INTO campaigns_campaignmonth AS counter (campaign_id, month, spent_cents, limit_cents)
        SELECT p_campaign, v_month, charge_cents, v_campaign.monthly_limit_cents
            WHERE charge_cents <= v_campaign.monthly_limit_cents
        ON CONFLICT (campaign_id, month) DO UPDATE SET spent_cents = counter.spent_cents + charge_cents
            WHERE counter.spent_cents + charge_cents <= counter.limit_cents
        RETURNING counter.limit_cents - counter.spent_cents INTO v_month_left;
    IF NOT FOUND THEN RAISE EXCEPTION USING ERRCODE = 'MR001', MESSAGE = 'campaign_month_cap_reached'; END IF;
    -- Whoever changes the organization's limit holds its row: the month's first reward waits for the limit that holds.
    IF NOT EXISTS (SELECT FROM campaigns_organizationmonth
            WHERE organization_id = v_organization.id AND month = v_month) THEN
        SELECT monthly_limit_cents INTO v_organization.monthly_limit_cents
            FROM accounts_organization WHERE id = v_organization.id FOR SHARE;
    END IF;
    INSERT INTO campaigns_organizationmonth AS counter (organization_id, month, spent_cents, limit_cents)
        SELECT v_organization.id, v_month, charge_cents, v_organization.monthly_limit_cents
            WHERE charge_cents <= v_organization.monthly_limit_cents
        ON CONFLICT (organization_id, month) DO UPDATE SET spent_cents = counter.spent_cents + charge_cents
            WHERE counter.spent_cents + charge_cents <= counter.limit_cents
        RETURNING counter.limit_cents - counter.spent_cents INTO v_organization_left;
    IF NOT FOUND THEN RAISE EXCEPTION USING ERRCODE = 'MR001', MESSAGE = 'organization_month_cap_reached'; END IF;
    -- The organization's month above is held until the commit, so nobody else of it waits here.
    INSERT INTO rewards_dailyrewardtotals AS sums (
            organization_id, campaign_id, moment_id, group_id, device_type, day, actions, cents)
        VALUES (v_organization.id, p_campaign, v_moment.id, v_group.id, p_device, (v_now AT TIME ZONE 'UTC')::date, 1,
            charge_cents)
        ON CONFLICT (moment_id, group_id, device_type, day)
        DO UPDATE SET actions = sums.actions + 1, cents = sums.cents + charge_cents;
    IF (SELECT status FROM accounts_organization WHERE id = v_organization.id) <> 'active' THEN
        RAISE EXCEPTION USING ERRCODE = 'MR001', MESSAGE = 'organization_suspended';
    END IF;

    outcome := 'issued'; reward_id := p_id; token_version := p_token_version;
    remaining_count := least(v_total, v_month_left, v_organization_left) / greatest(charge_cents, 1);
END
$$;
