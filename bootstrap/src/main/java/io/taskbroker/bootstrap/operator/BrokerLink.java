package io.taskbroker.bootstrap.operator;

import com.fasterxml.jackson.jr.ob.JSON;
import io.taskbroker.adapters.http.brokers.AllBrokers;
import io.taskbroker.adapters.http.brokers.Call;
import io.taskbroker.adapters.http.brokers.Door;
import io.taskbroker.adapters.http.brokers.RemoteBroker;
import io.taskbroker.adapters.http.brokers.Reply;
import io.taskbroker.adapters.http.brokers.Together;
import io.taskbroker.adapters.http.brokers.Trust;
import io.taskbroker.adapters.tls.PemFile;
import io.taskbroker.adapters.tls.UnusableTlsFileException;
import io.taskbroker.settings.reading.OneLine;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Which brokers are asked, and how their answers are shown. One broker is asked for itself; the
 * answers of several become one, in which each row names its broker.
 */
final class BrokerLink {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Not an option: other people of a machine see the words of a command. */
  private static final String TOKEN = "BROKER_TOKEN";

  /** Rows of a list that are asked for at once. */
  static final int PIECE = 1_000;

  private static final String DONE = "done";
  private static final String NOTHING = "nothing of that is there";

  @Option(
      names = "--broker",
      paramLabel = "URL",
      split = ",",
      defaultValue = "${env:BROKER_URL:-http://127.0.0.1:8081}",
      description = {
        "Its admin API; of several brokers, one after the other, or with commas between them.",
        "Default: BROKER_URL of the environment, or http://127.0.0.1:8081.",
        "A token is taken from BROKER_TOKEN of the environment."
      })
  private List<String> urls = List.of();

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      defaultValue = "${env:BROKER_CA:-}",
      description = {
        "For https:// addresses: a PEM file with the authorities to trust.",
        "Default: BROKER_CA of the environment, or the authorities that Java knows."
      })
  private String authorities = "";

  @Option(names = "--json", description = "Show the answer as JSON.")
  private boolean json;

  private final Map<String, String> environment = System.getenv();

  /** What has become of orders, and of what failed, by broker. */
  private final Map<String, String> results = new LinkedHashMap<>();

  private boolean anyFailed;

  /** Whom it asks, as it was said. */
  String address() {
    return String.join(", ", urls);
  }

  boolean isJson() {
    return json;
  }

  /** Whether some broker did not do what others did. */
  boolean hasFailedInPart() {
    return anyFailed;
  }

  /** Shows what each of several brokers did, those that failed first. */
  void printResults(PrintWriter out) {
    results.entrySet().stream()
        .sorted((one, other) -> Boolean.compare(isDone(one.getValue()), isDone(other.getValue())))
        .forEach(one -> out.println(OneLine.of("%s: %s".formatted(one.getKey(), one.getValue()))));
  }

  private static boolean isDone(String result) {
    return result.equals(DONE) || result.equals(NOTHING);
  }

  /**
   * @param query without those whose value is null
   * @throws Refused if there is no answer, or another one than what was asked for
   */
  Map<String, Object> get(String path, Map<String, ? extends @Nullable Object> query) {
    Map<String, Object> said = new LinkedHashMap<>();
    query.forEach(
        (name, value) -> {
          if (value != null) {
            said.put(name, value);
          }
        });
    return send(Call.get(path, said));
  }

  /**
   * All rows of a list, which is told in pieces.
   *
   * @param name of the list in the answer
   * @throws Refused if there is no answer, or another one than what was asked for
   */
  List<Map<String, Object>> all(String path, String name) {
    List<Map<String, Object>> rows = new ArrayList<>();
    Map<String, Object> query = new LinkedHashMap<>(Map.of("limit", PIECE));
    Object next;
    do {
      Map<String, Object> piece = get(path, query);
      rows.addAll(Answer.list(piece, name));
      next = piece.get("next");
      query.put("after", String.valueOf(next));
    } while (next != null);
    return rows;
  }

  /**
   * @throws Refused if no broker has done it
   */
  Map<String, Object> post(String path, Map<String, Object> order) {
    return send(Call.post(path, order));
  }

  private Map<String, Object> send(Call call) {
    Optional<SSLContext> trusted = trusted();
    try (AllBrokers all = new AllBrokers()) {
      List<RemoteBroker> brokers = new ArrayList<>();
      List<Door> doors = new ArrayList<>();
      for (String url : urls.stream().map(String::strip).distinct().toList()) {
        String name = nameOf(url);
        var broker = new RemoteBroker(url, token(), all.threads(), trusted);
        brokers.add(broker);
        doors.add(new Door(name, own -> broker.ask(own, Map.of(), PATIENCE)));
      }
      try {
        return doors.size() == 1 || call.isAboutKafka()
            ? one(doors.getFirst().asking().apply(call))
            : together(all.ask(doors, call));
      } finally {
        brokers.forEach(RemoteBroker::close);
      }
    }
  }

  private Optional<SSLContext> trusted() {
    if (authorities.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Trust.in(new PemFile("--ca", Path.of(authorities))));
    } catch (UnusableTlsFileException e) {
      throw new Refused(String.valueOf(e.getMessage()));
    }
  }

  private Optional<String> token() {
    return Optional.ofNullable(environment.get(TOKEN))
        .map(String::strip)
        .filter(token -> !token.isEmpty());
  }

  /** As it is told from others, without what may be secret in it. */
  private static String nameOf(String url) {
    try {
      URI uri = URI.create(url);
      if (uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
        return uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
      }
    } catch (IllegalArgumentException _) {
      // said below
    }
    throw new Refused(
        "'%s' cannot be called: --broker wants an address such as http://127.0.0.1:8081"
            .formatted(OneLine.of(url)));
  }

  private static Map<String, Object> one(Reply reply) {
    if (!reply.isDone()) {
      throw new Refused(OneLine.of(reply.detail()));
    }
    return reply.body();
  }

  private Map<String, Object> together(Together answer) {
    if (!answer.isDone()) {
      throw new Refused(OneLine.of(answer.detail()));
    }
    Map<String, Object> body = answer.body();
    boolean isDone = answer.isOrder() && !Boolean.TRUE.equals(body.get("dry_run"));
    answer
        .replies()
        .forEach(
            (broker, reply) -> {
              if (answer.isFailure(reply)) {
                anyFailed = true;
                results.put(broker, reply.detail());
              } else if (isDone) {
                results.merge(
                    broker,
                    reply.isDone() ? DONE : NOTHING,
                    (before, now) -> before.equals(NOTHING) ? now : before);
              }
            });
    return body;
  }

  static String text(Object value) {
    try {
      return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(value);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory does no I/O", e);
    }
  }
}
