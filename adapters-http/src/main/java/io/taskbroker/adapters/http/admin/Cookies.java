package io.taskbroker.adapters.http.admin;

import org.eclipse.jetty.http.HttpCookie;

/** The cookie of a browser's session: for our own pages only, and out of reach of their scripts. */
final class Cookies {
  private Cookies() {}

  static HttpCookie of(String session, boolean secure) {
    return cookie(session, secure, Sessions.LONGEST.toSeconds());
  }

  static HttpCookie ended(boolean secure) {
    return cookie("", secure, 0);
  }

  private static HttpCookie cookie(String value, boolean secure, long maxAgeSeconds) {
    return HttpCookie.build(Gate.COOKIE, value)
        .path("/")
        .httpOnly(true)
        .sameSite(HttpCookie.SameSite.STRICT)
        .secure(secure)
        .maxAge(maxAgeSeconds)
        .build();
  }
}
