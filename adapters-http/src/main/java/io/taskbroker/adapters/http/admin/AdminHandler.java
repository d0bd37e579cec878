package io.taskbroker.adapters.http.admin;

import io.taskbroker.adapters.http.admin.SharedAnswers.Question;
import io.taskbroker.adapters.http.brokers.RemoteBroker;
import io.taskbroker.adapters.http.brokers.Together;
import io.taskbroker.application.Defects;
import io.taskbroker.domain.TimeSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.MimeTypes;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields.Field;

/** From a request to the page or the endpoint that it means, which answers in JSON. */
final class AdminHandler extends Handler.Abstract {
  static final String EVENTS = "/api/v1/events";
  static final String SESSION = "/api/v1/session";
  static final String SESSION_END = "/api/v1/session/end";

  /** Calls about the caller and about the API. The broker that is asked answers them alone. */
  private static final Set<String> OF_ONE = Set.of(SESSION, Looks.ME, Looks.CONTRACT);

  /** Orders are short; a filter with a reason has some hundred bytes. */
  static final int MOST_BODY_BYTES = 64 * 1024;

  private final Gate gate;
  private final Sessions sessions;
  private final List<Endpoint> endpoints;
  private final Everybody everybody;
  private final EventStreams events;
  private final Supplier<Object> status;
  private final Lately<Object> statusOfAll;
  private final SharedAnswers shared;
  private final Dashboard dashboard = new Dashboard();
  private final Defects defects;

  AdminHandler(
      Gate gate,
      Sessions sessions,
      List<Endpoint> endpoints,
      Everybody everybody,
      EventStreams events,
      Supplier<Object> status,
      SharedAnswers shared,
      TimeSource time) {
    this.gate = gate;
    this.sessions = sessions;
    this.endpoints = List.copyOf(endpoints);
    this.everybody = everybody;
    this.events = events;
    this.status = status;
    this.shared = shared;
    this.statusOfAll = new Lately<>(this::statusOfAll, everybody.freshness(), time);
    this.defects = new Defects("a call of the admin API was not answered", time);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws IOException {
    secure(response);
    try {
      answer(request, response);
    } catch (RuntimeException e) {
      refuse(request, response, Refusal.of(e).orElseGet(() -> defect(e)));
    }
    callback.succeeded();
    return true;
  }

  private Refusal defect(RuntimeException failure) {
    defects.accept(failure);
    return new Refusal(HttpStatus.INTERNAL_SERVER_ERROR_500, "A defect of ours; the log has it");
  }

  /** Nothing of ours is shown in a frame, guessed at, kept or referred to. */
  private static void secure(Response response) {
    response
        .getHeaders()
        .put("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        .put("X-Content-Type-Options", "nosniff")
        .put("Referrer-Policy", "no-referrer")
        .put(HttpHeader.CACHE_CONTROL, "no-store");
  }

  private void answer(Request request, Response response) throws IOException {
    gate.admitEncryption(request);
    gate.admitHost(request);
    String path = Request.getPathInContext(request);
    if (dashboard.answer(path, request, response)) {
      return;
    }
    boolean isOrder = HttpMethod.POST.is(request.getMethod());
    if (isOrder) {
      gate.admitOrigin(request);
    }
    if (path.equals(SESSION_END) && isOrder) {
      endSession(request, response);
      return;
    }
    String meant = Everybody.withoutPrefix(path).filter(one -> !OF_ONE.contains(one)).orElse(path);
    boolean isOfAll = !meant.equals(path);
    Endpoint endpoint = endpointOf(meant, request.getMethod(), response);
    everybody.admitOthers(request);
    Actor actor = gate.actorOf(request);
    if (!actor.role().includes(endpoint.role())) {
      throw new Refusal(
          HttpStatus.FORBIDDEN_403,
          "This takes the role %s, and '%s' is %s"
              .formatted(endpoint.role().text(), actor.name(), actor.role().text()));
    }
    if (endpoint.path().equals(EVENTS)) {
      events.stream(
          request,
          response,
          () -> event(path, isOfAll ? statusOfAll::value : status),
          () -> gate.isStill(actor, request));
    } else if (path.equals(SESSION)) {
      beginSession(actor, request, response);
    } else if (isOrder) {
      order(endpoint, isOfAll, actor, request, response);
    } else {
      Fields said = queryOf(request);
      Supplier<byte[]> look = () -> Json.write(look(endpoint, isOfAll, actor, said));
      String query = request.getHttpURI().getQuery();
      write(
          response,
          HttpStatus.OK_200,
          "application/json",
          endpoint.path().equals(Looks.ME)
              ? look.get()
              : shared.answer(new Question(actor.role(), path, query == null ? "" : query), look));
    }
  }

  private byte[] event(String path, Supplier<Object> told) {
    return shared.answer(new Question(AdminRole.VIEWER, path, ""), () -> Json.write(told.get()));
  }

  private Object look(Endpoint endpoint, boolean isOfAll, Actor actor, Fields said) {
    return isOfAll
        ? everybody.ask(endpoint, actor, said).body()
        : endpoint.action().carryOut(actor, said);
  }

  private void order(
      Endpoint endpoint, boolean isOfAll, Actor actor, Request request, Response response)
      throws IOException {
    Fields said = bodyOf(request);
    int status = HttpStatus.OK_200;
    Object body;
    try {
      if (isOfAll) {
        Together answer = everybody.ask(endpoint, actor, said);
        status = answer.status();
        body = answer.body();
      } else {
        body = endpoint.action().carryOut(actor, said);
      }
    } finally {
      statusOfAll.forget(); // first: what is shared is made of it
      shared.clear();
    }
    write(response, status, "application/json", Json.write(body));
  }

  /** What dashboards are told: the same for every role. */
  private Object statusOfAll() {
    Endpoint endpoint = Endpoint.get(Looks.STATUS, (_, _) -> status.get());
    var said = new Fields("the query", Map.of());
    return everybody.ask(endpoint, new Actor("dashboard", AdminRole.VIEWER), said).body();
  }

  private Endpoint endpointOf(String path, String method, Response response) {
    List<Endpoint> there = endpoints.stream().filter(one -> one.path().equals(path)).toList();
    if (there.isEmpty()) {
      throw new Refusal(HttpStatus.NOT_FOUND_404, RemoteBroker.UNKNOWN_CALL);
    }
    return there.stream()
        .filter(one -> one.method().is(method))
        .findFirst()
        .orElseThrow(
            () -> {
              String allowed =
                  there.stream()
                      .map(one -> one.method().asString())
                      .collect(Collectors.joining(", "));
              response.getHeaders().put(HttpHeader.ALLOW, allowed);
              return new Refusal(
                  HttpStatus.METHOD_NOT_ALLOWED_405, "Only %s is answered here".formatted(allowed));
            });
  }

  // ---------------------------------------------------------------- what was said

  private static Fields queryOf(Request request) {
    Map<String, Object> values = new LinkedHashMap<>();
    org.eclipse.jetty.util.Fields query;
    try {
      query = Request.extractQueryParameters(request);
    } catch (RuntimeException e) { // what is no UTF-8, for one
      throw new Refusal(HttpStatus.BAD_REQUEST_400, "The query cannot be read: " + e.getMessage());
    }
    for (Field field : query) {
      if (field.hasMultipleValues()) {
        throw new Refusal(
            HttpStatus.BAD_REQUEST_400, "'%s' comes more than once".formatted(field.getName()));
      }
      values.put(field.getName(), String.valueOf(field.getValue()));
    }
    return new Fields("the query", values);
  }

  private static Fields bodyOf(Request request) throws IOException {
    String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
    if (!"application/json"
        .equalsIgnoreCase(MimeTypes.getContentTypeWithoutCharset(type == null ? "" : type))) {
      throw new Refusal(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE_415, "Orders come as Content-Type: application/json");
    }
    try (InputStream in = Content.Source.asInputStream(request)) {
      byte[] body = in.readNBytes(MOST_BODY_BYTES + 1);
      if (body.length > MOST_BODY_BYTES) {
        throw new Refusal(
            HttpStatus.PAYLOAD_TOO_LARGE_413,
            "An order has at most %d bytes".formatted(MOST_BODY_BYTES));
      }
      return new Fields("the body", Json.readObject(body));
    }
  }

  // ---------------------------------------------------------------- sessions

  private void beginSession(Actor actor, Request request, Response response) throws IOException {
    bodyOf(request).end();
    Response.addCookie(response, Cookies.of(sessions.begin(actor), Gate.isOverTls(request)));
    write(response, HttpStatus.OK_200, "application/json", Json.write(Views.of(actor)));
  }

  private void endSession(Request request, Response response) throws IOException {
    bodyOf(request).end();
    Gate.sessionOf(request).ifPresent(sessions::end);
    Response.addCookie(response, Cookies.ended(Gate.isOverTls(request)));
    write(response, HttpStatus.OK_200, "application/json", Json.write(Map.of()));
  }

  // ---------------------------------------------------------------- answers

  private static void refuse(Request request, Response response, Refusal refusal)
      throws IOException {
    if (response.isCommitted()) {
      throw new IOException("the answer had begun: " + refusal.detail());
    }
    if (refusal.status() == HttpStatus.UNAUTHORIZED_401) {
      response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
    }
    write(
        response,
        refusal.status(),
        "application/problem+json",
        Json.write(
            Json.object(
                "type", "about:blank",
                "title", HttpStatus.getMessage(refusal.status()),
                "status", refusal.status(),
                "detail", refusal.detail(),
                "instance", Request.getPathInContext(request))));
  }

  private static void write(Response response, int status, String type, byte[] bytes)
      throws IOException {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
    Content.Sink.write(response, true, ByteBuffer.wrap(bytes));
  }

  /** What is served, such as {@code GET /api/v1/status}. */
  SortedSet<String> served() {
    SortedSet<String> served =
        endpoints.stream()
            .map(one -> one.method() + " " + one.path())
            .collect(Collectors.toCollection(TreeSet::new));
    served.add("GET " + Everybody.PREFIX + "{call}");
    served.add("POST " + Everybody.PREFIX + "{call}");
    return served;
  }
}
