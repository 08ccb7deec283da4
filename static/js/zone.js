// Times on customers' pages are in the browser's zone: the server reads it from this cookie on the next page.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const cookie = `time_zone=${zone}`;
if (zone && !document.cookie.split("; ").includes(cookie)) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${cookie}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}
