package io.taskbroker.adapters.http;

import io.taskbroker.application.Health;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The three paths that are asked for by machines. */
final class MonitoringHandler extends Handler.Abstract {
  /** What is written at once, so that a page for a slow reader is not copied as a whole. */
  private static final int PIECE_BYTES = 32 * 1024;

  private final Health health;
  private final PagePress metrics;
  private final String metricsType;

  /**
   * @param metricsType the page's content type
   */
  MonitoringHandler(Health health, PagePress metrics, String metricsType) {
    this.health = health;
    this.metrics = metrics;
    this.metricsType = metricsType;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    String path = Request.getPathInContext(request);
    switch (path) {
      case "/livez", "/readyz", "/metrics" -> {
        if (!HttpMethod.GET.is(request.getMethod()) && !HttpMethod.HEAD.is(request.getMethod())) {
          response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
          answer(response, HttpStatus.METHOD_NOT_ALLOWED_405, "only GET is answered", callback);
        } else if (path.equals("/metrics")) {
          metrics(request, response, callback);
        } else {
          probe(path, response, callback);
        }
      }
      default ->
          answer(
              response,
              HttpStatus.NOT_FOUND_404,
              "there are /livez, /readyz and /metrics",
              callback);
    }
    return true;
  }

  private void probe(String path, Response response, Callback callback) {
    boolean isLiveness = path.equals("/livez");
    Optional<String> trouble = isLiveness ? health.stuck() : health.whyNotReady();
    Optional<String> remark = isLiveness ? Optional.empty() : health.readyWords();
    int status = trouble.isEmpty() ? HttpStatus.OK_200 : HttpStatus.SERVICE_UNAVAILABLE_503;
    answer(response, status, trouble.or(() -> remark).orElse("ok"), callback);
  }

  private static void answer(Response response, int status, String text, Callback callback) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    response.write(true, ByteBuffer.wrap(body), callback);
  }

  private void metrics(Request request, Response response, Callback callback) {
    PagePress.Page page = metrics.newest();
    Request.addCompletionListener(request, _ -> page.done());
    boolean zip = request.getHeaders().contains(HttpHeader.ACCEPT_ENCODING, "gzip");
    ByteBuffer body = zip ? page.zipped() : page.plain();
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, metricsType);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.remaining());
    response.getHeaders().put(HttpHeader.VARY, HttpHeader.ACCEPT_ENCODING.asString());
    if (zip) {
      response.getHeaders().put(HttpHeader.CONTENT_ENCODING, "gzip");
    }
    List<ByteBuffer> pieces = new ArrayList<>();
    for (int at = 0; at < body.limit(); at += PIECE_BYTES) {
      pieces.add(body.slice(at, Math.min(PIECE_BYTES, body.limit() - at)));
    }
    Content.copy(Content.Source.from(pieces.toArray(ByteBuffer[]::new)), response, callback);
  }
}
