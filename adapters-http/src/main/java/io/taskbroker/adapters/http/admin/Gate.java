package io.taskbroker.adapters.http.admin;

import io.taskbroker.adapters.http.Encryption;
import io.taskbroker.application.Sparsely;
import io.taskbroker.domain.TimeSource;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpCookie;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says who calls, and turns away who must not: whatever pages of other sites make a browser send
 * included. Safe for all threads.
 */
final class Gate {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::http");

  static final String COOKIE = "taskbroker_session";

  private static final String BEARER = "bearer ";
  private static final String HTTP = "http";
  private static final String HTTPS = "https";

  /** Who calls without a token from this machine. */
  private static final String NAMELESS = "local";

  private final AdminSettings settings;
  private final Sessions sessions;
  private final Sparsely lines;

  Gate(AdminSettings settings, Sessions sessions, TimeSource time) {
    this.settings = settings;
    this.sessions = sessions;
    this.lines = new Sparsely(time, Duration.ofMinutes(1));
  }

  /** Refuses what came in plain text where TLS is spoken. What it says, others may have read. */
  void admitEncryption(Request request) {
    if (settings.tls().isPresent() && !Encryption.isOn(request)) {
      throw new Refusal(
          HttpStatus.BAD_REQUEST_400,
          "This port speaks TLS, and that came in plain text. Call it with https://");
    }
  }

  /**
   * Refuses a call that names a host which this is not: a page whose name was made to point here
   * would otherwise be of the same origin as we are.
   */
  void admitHost(Request request) {
    String host = withoutBrackets(Request.getServerName(request));
    boolean known =
        isLocal(host)
            || host.equalsIgnoreCase(withoutBrackets(settings.address()))
            || settings.hosts().stream().anyMatch(host::equalsIgnoreCase)
            || host.equals(addressOf(request.getConnectionMetaData().getLocalSocketAddress()));
    if (!known) {
      throw new Refusal(
          HttpStatus.MISDIRECTED_REQUEST_421,
          "This broker is not called '%s'. Use its address, or add the name to admin.hosts"
              .formatted(host));
    }
  }

  private static boolean isLocal(String host) {
    return Stream.of("localhost", "127.0.0.1", "::1").anyMatch(host::equalsIgnoreCase);
  }

  private static String withoutBrackets(@Nullable String host) {
    if (host == null) {
      return "";
    }
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  private static @Nullable String addressOf(@Nullable SocketAddress socket) {
    InetAddress address = socket instanceof InetSocketAddress inet ? inet.getAddress() : null;
    return address == null ? null : address.getHostAddress();
  }

  /** Refuses what a page of another site has sent. */
  void admitOrigin(Request request) {
    String origin = request.getHeaders().get(HttpHeader.ORIGIN);
    if (origin != null && !isOwn(origin, request)) {
      throw new Refusal(
          HttpStatus.FORBIDDEN_403, "The page of '%s' may not give orders here".formatted(origin));
    }
  }

  private boolean isOwn(String origin, Request request) {
    try {
      URI from = new URI(origin);
      String host = withoutBrackets(Request.getServerName(request));
      return host.equalsIgnoreCase(withoutBrackets(from.getHost()))
          && (isTlsOfProxy(from, host) || isSameDoor(from, request));
    } catch (URISyntaxException _) {
      return false; // "null", for one
    }
  }

  private static boolean isSameDoor(URI from, Request request) {
    return (Encryption.isOn(request) ? HTTPS : HTTP).equalsIgnoreCase(from.getScheme())
        && Request.getServerPort(request) == portOf(from);
  }

  /** A proxy that speaks TLS hands on in plain text what browsers asked of it by that name. */
  private boolean isTlsOfProxy(URI from, String host) {
    return HTTPS.equalsIgnoreCase(from.getScheme())
        && settings.hosts().stream().anyMatch(host::equalsIgnoreCase);
  }

  private static int portOf(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return HTTPS.equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }

  /** Whether the browser speaks TLS, with this port or with a proxy before it. */
  static boolean isOverTls(Request request) {
    String origin = request.getHeaders().get(HttpHeader.ORIGIN);
    return request.isSecure()
        || (origin != null && origin.toLowerCase(Locale.ROOT).startsWith(HTTPS + ":"));
  }

  /**
   * Who calls, with a token, a session, or from this machine with neither; of a broker that asks
   * for somebody, that one.
   */
  Actor actorOf(Request request) {
    return OnBehalf.of(callerOf(request), request.getHeaders());
  }

  private Actor callerOf(Request request) {
    String shown = request.getHeaders().get(HttpHeader.AUTHORIZATION);
    if (shown != null) {
      return ofToken(shown)
          .orElseThrow(() -> refused(request, "The token is not one of admin.tokens"));
    }
    Optional<Actor> known = sessionOf(request).flatMap(sessions::actorOf);
    if (known.isPresent()) {
      return known.get();
    }
    return settings
        .withoutToken()
        .filter(_ -> isFromHere(request))
        .map(role -> new Actor(NAMELESS, role))
        .orElseThrow(
            () ->
                new Refusal(
                    HttpStatus.UNAUTHORIZED_401,
                    "Send 'Authorization: Bearer TOKEN', with one of admin.tokens"));
  }

  /**
   * Whether the call would come from the same one if it were made now; a session may have ended.
   */
  boolean isStill(Actor actor, Request request) {
    try {
      return actorOf(request).equals(actor);
    } catch (Refusal _) {
      return false;
    }
  }

  private Refusal refused(Request request, String why) {
    long calls = lines.count(1);
    if (calls > 0) {
      LOG.warn(
          "The admin API was called from {} with a token that is not one of admin.tokens ({} such"
              + " calls since the last line)",
          request.getConnectionMetaData().getRemoteSocketAddress(),
          calls);
    }
    return new Refusal(HttpStatus.UNAUTHORIZED_401, why);
  }

  /** Compares with all tokens, in a time that tells nothing of them. */
  private Optional<Actor> ofToken(String header) {
    if (!header.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
      return Optional.empty();
    }
    byte[] shown = digest(header.substring(BEARER.length()).strip());
    @Nullable AdminToken found = null;
    for (AdminToken token : settings.tokens()) {
      if (MessageDigest.isEqual(digest(token.secret()), shown)) {
        found = token;
      }
    }
    return Optional.ofNullable(found).map(token -> new Actor(token.name(), token.role()));
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The id in the browser's cookie. */
  static Optional<String> sessionOf(Request request) {
    List<HttpCookie> cookies = Request.getCookies(request);
    return cookies.stream()
        .filter(cookie -> cookie.getName().equals(COOKIE))
        .map(HttpCookie::getValue)
        .findFirst();
  }

  /**
   * What a proxy on this machine passes on comes from elsewhere. One that says nothing of it, as
   * the sidecars of meshes do, has a loopback address too, but calls the address that it was sent
   * to.
   */
  private static boolean isFromHere(Request request) {
    boolean passedOn =
        Stream.of(HttpHeader.FORWARDED, HttpHeader.X_FORWARDED_FOR, HttpHeader.VIA)
            .anyMatch(request.getHeaders()::contains);
    return !passedOn
        && isLoopback(request.getConnectionMetaData().getRemoteSocketAddress())
        && isLoopback(request.getConnectionMetaData().getLocalSocketAddress());
  }

  private static boolean isLoopback(@Nullable SocketAddress socket) {
    return socket instanceof InetSocketAddress inet
        && inet.getAddress() != null
        && inet.getAddress().isLoopbackAddress();
  }
}
