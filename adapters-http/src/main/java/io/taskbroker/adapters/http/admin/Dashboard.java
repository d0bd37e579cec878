package io.taskbroker.adapters.http.admin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/**
 * The pages for browsers. Everybody who reaches the port may load them: what they show they get
 * from the API, with the rights of their user. Safe for all threads.
 */
final class Dashboard {
  /**
   * Scripts and styles of our own only, and no text ever becomes markup or code: what producers
   * write into their tasks is shown here.
   */
  static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types 'none'";

  /** Each of them is {@code index.html}; its script looks at the path. */
  static final List<String> PAGES =
      List.of(
          "/",
          "/queues",
          "/tasks",
          "/task",
          "/workers",
          "/dead-letters",
          "/upcoming",
          "/kafka",
          "/rules",
          "/configuration",
          "/audit",
          "/sign-in");

  static final List<String> SCRIPTS =
      List.of(
          "app",
          "api",
          "audit",
          "brokers",
          "charts",
          "configuration",
          "dead-letters",
          "dialogs",
          "dom",
          "drain",
          "format",
          "kafka",
          "keys",
          "live",
          "log-level",
          "acts",
          "overview",
          "parked",
          "pauses",
          "pieces",
          "queues",
          "rule-orders",
          "rules",
          "shell",
          "sign-in",
          "task",
          "tasks",
          "theme",
          "upcoming",
          "workers");

  private final Map<String, Page> pages = new HashMap<>();

  /**
   * @param bytes as they are
   * @param packed the same, in gzip
   */
  private record Page(String type, byte[] bytes, byte[] packed) {}

  Dashboard() {
    Page shell = page("index.html", "text/html; charset=utf-8");
    PAGES.forEach(path -> pages.put(path, shell));
    SCRIPTS.forEach(name -> add(name + ".js", "text/javascript; charset=utf-8"));
    add("style.css", "text/css; charset=utf-8");
    add("icon.svg", "image/svg+xml");
  }

  private void add(String name, String type) {
    pages.put("/assets/" + name, page(name, type));
  }

  private static Page page(String name, String type) {
    try (InputStream file = Dashboard.class.getResourceAsStream("dashboard/" + name)) {
      byte[] bytes = Objects.requireNonNull(file, name).readAllBytes();
      return new Page(type, bytes, packed(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(name + " of the jar cannot be read", e);
    }
  }

  private static byte[] packed(byte[] bytes) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  /** Answers with the page of this path; false if there is none, and nothing was answered. */
  boolean answer(String path, Request request, Response response) throws IOException {
    Page page = pages.get(path);
    if (page == null || !HttpMethod.GET.is(request.getMethod())) {
      return false;
    }
    boolean packs =
        Optional.ofNullable(request.getHeaders().get(HttpHeader.ACCEPT_ENCODING))
            .filter(accepted -> accepted.contains("gzip"))
            .isPresent();
    byte[] body = packs ? page.packed() : page.bytes();
    response.setStatus(HttpStatus.OK_200);
    response
        .getHeaders()
        .put(HttpHeader.CONTENT_TYPE, page.type())
        .put(HttpHeader.VARY, HttpHeader.ACCEPT_ENCODING.asString())
        .put("Content-Security-Policy", POLICY)
        .put(HttpHeader.CONTENT_LENGTH, body.length);
    if (packs) {
      response.getHeaders().put(HttpHeader.CONTENT_ENCODING, "gzip");
    }
    Content.Sink.write(response, true, ByteBuffer.wrap(body));
    return true;
  }
}
