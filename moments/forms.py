"""Forms that write what they were asked to write and nothing else."""

from django import forms


class NarrowModelForm(forms.ModelForm):
    """A model form whose ``save`` names its columns: only what was changed, so no stale balance is written back."""

    def save(self, commit: bool = True):
        if self.instance._state.adding or not commit:
            return super().save(commit=commit)
        if self.errors:
            raise ValueError("This form has errors; nothing was saved.")
        columns = [name for name in self.changed_data if name in {f.name for f in self.instance._meta.concrete_fields}]
        if columns:
            self.instance.save(update_fields=columns)
        self._save_m2m()
        return self.instance


def add_refusal(form: forms.BaseForm, refusal) -> None:
    """A service's refusal as an error of the form, at the field it names."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
