"""Code snippets for apps that open a reward URL in the browser or in a web view."""

from accounts.models import App

APP_LANGUAGES = {"kotlin": "Kotlin (Android)", "swift": "Swift (iOS)", "react_native": "React Native"}

IN_BROWSER = {
    "kotlin": """import android.content.Context
import android.content.Intent
import android.net.Uri

fun openReward(context: Context, rewardUrl: String) {
    context.startActivity(Intent(Intent.ACTION_VIEW, Uri.parse(rewardUrl)))
}""",
    "swift": """import UIKit

func openReward(_ rewardURL: URL) {
    UIApplication.shared.open(rewardURL)
}""",
    "react_native": """import { Linking } from "react-native";

export const openReward = (rewardUrl) => Linking.openURL(rewardUrl);""",
}
IN_WEB_VIEW = {
    "kotlin": """import android.app.Activity
import android.content.Intent
import android.webkit.WebResourceRequest
import android.webkit.WebView
import android.webkit.WebViewClient

fun Activity.openReward(rewardUrl: String) {
    val view = WebView(this)
    view.settings.domStorageEnabled = true
    view.webViewClient = object : WebViewClient() {
        // Links of your app and other sites leave the web view.
        override fun shouldOverrideUrlLoading(view: WebView, request: WebResourceRequest): Boolean {
            if (request.url.host == HOST) return false
            startActivity(Intent(Intent.ACTION_VIEW, request.url))
            return true
        }
    }
    setContentView(view)
    view.loadUrl(rewardUrl)
}

private const val HOST = "{host}\"""",
    "swift": """import UIKit
import WebKit

final class RewardViewController: UIViewController, WKNavigationDelegate {
    private let webView = WKWebView()
    private let rewardURL: URL

    init(rewardURL: URL) {
        self.rewardURL = rewardURL
        super.init(nibName: nil, bundle: nil)
    }

    required init?(coder: NSCoder) { nil }

    override func loadView() {
        webView.navigationDelegate = self
        view = webView
        webView.load(URLRequest(url: rewardURL))
    }

    // Links of your app and other sites leave the web view.
    func webView(_ webView: WKWebView, decidePolicyFor action: WKNavigationAction) async -> WKNavigationActionPolicy {
        guard let url = action.request.url, url.host() != "{host}" else { return .allow }
        await UIApplication.shared.open(url)
        return .cancel
    }
}""",
    "react_native": """import { Linking } from "react-native";
import { WebView } from "react-native-webview";

// Links of your app and other sites leave the web view.
const stays = ({ url }) => {
  if (new URL(url).hostname === "{host}") return true;
  Linking.openURL(url);
  return false;
};

export const Reward = ({ rewardUrl }) => (
  <WebView source={{ uri: rewardUrl }} originWhitelist={["*"]} onShouldStartLoadWithRequest={stays} />
);""",
}


def app_snippet(language: str, opens_in: str, *, host: str) -> str:
    """Return the code that opens a reward URL of this installation, whose host name is ``host``."""
    texts = IN_WEB_VIEW if opens_in == App.OpensIn.WEB_VIEW else IN_BROWSER
    return texts[language].replace("{host}", host)
