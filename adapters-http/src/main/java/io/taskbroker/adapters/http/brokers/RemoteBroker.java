package io.taskbroker.adapters.http.brokers;

import com.fasterxml.jackson.jr.ob.JSON;
import io.taskbroker.adapters.http.brokers.Call.Verb;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The admin API of a broker, over its socket. It is asked at its address and nowhere else: it
 * cannot send us on to another one. Safe for all threads.
 */
public final class RemoteBroker implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(2);

  /** What a broker says with 404 of a call that it does not know; all versions say it so. */
  public static final String UNKNOWN_CALL =
      "Nothing is here. /api/v1/openapi.json says what there is";

  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int NOT_IMPLEMENTED = 501;

  /** A thousand tasks with long names, and as many again. */
  private static final int MOST_BYTES = 16 * 1024 * 1024;

  private final String url;
  private final Optional<String> token;
  private final ExecutorService threads;
  private final Optional<SSLContext> trusted;
  private final HttpClient looks;

  /**
   * @param url such as {@code http://10.0.0.7:8081}
   * @param token what is shown there
   * @param threads of the caller, for the connections
   */
  public RemoteBroker(String url, Optional<String> token, ExecutorService threads) {
    this(url, token, threads, Optional.empty());
  }

  /**
   * @param url such as {@code https://10.0.0.7:8081}
   * @param token what is shown there
   * @param threads of the caller, for the connections
   * @param trusted who may have signed its certificate; empty for those that Java knows
   */
  public RemoteBroker(
      String url, Optional<String> token, ExecutorService threads, Optional<SSLContext> trusted) {
    this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    this.token = token;
    this.threads = threads;
    this.trusted = trusted;
    this.looks = client();
  }

  private HttpClient client() {
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .executor(threads);
    trusted.ifPresent(client::sslContext);
    return client.build();
  }

  /**
   * Asks it.
   *
   * @param headers besides those that every call has
   * @param patience most time for an answer, with its body
   * @throws IllegalArgumentException if the address is none that can be called
   */
  public Reply ask(Call call, Map<String, String> headers, Duration patience) {
    HttpRequest.Builder request = request(call);
    headers.forEach(request::header);
    token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
    if (call.verb() == Verb.GET) {
      return known(call, send(looks, request.GET().build(), Verb.GET, patience));
    }
    // An order wants a connection of its own: one that was kept may be closed just now, and then
    // nobody knows whether the order has arrived.
    HttpClient orders = client();
    try {
      request
          .header("Content-Type", "application/json")
          .POST(BodyPublishers.ofByteArray(json(call.said())));
      return known(call, send(orders, request.build(), Verb.POST, patience));
    } finally {
      orders.shutdownNow();
    }
  }

  private HttpRequest.Builder request(Call call) {
    String query =
        call.verb() == Verb.POST
            ? ""
            : call.said().entrySet().stream()
                .map(one -> one.getKey() + "=" + encoded(String.valueOf(one.getValue())))
                .collect(Collectors.joining("&"));
    return HttpRequest.newBuilder(
        URI.create(url + call.path() + (query.isEmpty() ? "" : "?" + query)));
  }

  private Reply send(HttpClient client, HttpRequest request, Verb verb, Duration patience) {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
    try {
      HttpResponse<byte[]> response = answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return read(response);
    } catch (TimeoutException _) {
      answer.cancel(true);
      return none("no answer within %d ms".formatted(patience.toMillis()), verb);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      answer.cancel(true);
      return none("nobody waited for the answer", verb);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      boolean isSent =
          !(cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException);
      return Trust.words(cause, url)
          .map(Reply::none)
          .orElseGet(() -> none(reason(cause), isSent ? verb : Verb.GET));
    }
  }

  /** Tells a broker that does not know the call from one that has nothing of the kind. */
  private static Reply known(Call call, Reply reply) {
    boolean isUnknown =
        reply.status() == METHOD_NOT_ALLOWED
            || (reply.status() == NOT_FOUND && reply.detail().equals(UNKNOWN_CALL));
    return isUnknown
        ? Reply.refusal(
            NOT_IMPLEMENTED,
            "This broker is too old for it: it does not know %s %s. Bring it up to date"
                .formatted(call.verb(), call.path()))
        : reply;
  }

  private Reply read(HttpResponse<byte[]> response) {
    try {
      Map<String, Object> body = JSON.std.mapFrom(response.body());
      return new Reply(response.statusCode(), body == null ? Map.of() : body);
    } catch (IOException _) {
      return none("what answers %d speaks no JSON".formatted(response.statusCode()), Verb.GET);
    }
  }

  /**
   * @param verb of what may have arrived
   */
  private Reply none(String why, Verb verb) {
    return Reply.none(
        "no admin API answers at %s (%s). %s"
            .formatted(
                url,
                why,
                verb == Verb.GET
                    ? "Is the broker running, and is admin.port set?"
                    : "The order may have been carried out all the same: look at the audit there"));
  }

  private static String reason(@Nullable Throwable cause) {
    if (cause == null) {
      return "for a reason that nobody has said";
    }
    String message = cause.getMessage();
    boolean isOther =
        cause instanceof ProtocolException
            || cause.getCause() instanceof ProtocolException
            || (message != null && message.chars().anyMatch(Character::isISOControl));
    if (isOther) {
      return "what listens there speaks another protocol: that may be the port of workers";
    }
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  private static byte[] json(Map<String, Object> value) {
    try {
      return JSON.std.asBytes(value);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory does no I/O", e);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    looks.shutdownNow();
  }
}
