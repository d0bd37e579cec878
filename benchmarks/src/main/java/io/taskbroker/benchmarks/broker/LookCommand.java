package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What it takes to look into a large store. */
@Command(
    name = "look",
    description = {
      "How long the admin API takes for what each page of the dashboard asks first, with a large"
          + " store, and how long the store's writer is kept by that.",
      "Then a client that lists without pause, beside one that lists once a second."
    },
    mixinStandardHelpOptions = true)
public final class LookCommand implements Callable<Integer> {
  private static final String TOPIC = "taskworker";
  private static final Duration QUIET = Duration.ofSeconds(20);
  private static final Duration GREEDY = Duration.ofSeconds(15);
  private static final Duration EACH_SECOND = Duration.ofSeconds(1);

  private static final String PREFIX = "/api/v1/";
  private static final String DOCUMENT = PREFIX + "openapi.json";
  private static final String EVENTS = PREFIX + "events";

  /** The page asks for a large piece. */
  private static final String QUEUES = PREFIX + "queues";

  /** Which one has to be said, in one of two ways. */
  private static final String ONE_LETTER = PREFIX + "dead-letter";

  /** Whoever asks the same sooner is given the answer of before. */
  private static final Duration SHARED = Duration.ofMillis(260);

  /** A list that looks at as many rows as one may, and finds nothing. */
  private static final String LONGEST_LIST = "/api/v1/tasks?limit=50&state=retry";

  /** Callers of names of their own, so that none of them pauses for what another one has read. */
  private static final int CALLERS = 10;

  private static final int TOKEN_LETTERS = 32;

  @Option(
      names = "--stored",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Tasks in the store; ${DEFAULT-VALUE} by default.")
  private int stored;

  @Option(
      names = "--calls",
      paramLabel = "N",
      defaultValue = "300",
      description = "How often each is asked; ${DEFAULT-VALUE} by default.")
  private int calls;

  @Mixin private BrokerOptions options = new BrokerOptions();

  @Override
  public Integer call() {
    var figures = new Figures(System.out);
    List<String> ids = new ArrayList<>();
    try (var turns = WriterTurns.listen();
        var broker =
            BrokerUnderTest.start(
                options, figures, settings -> prepare(settings, turns.address(), ids))) {
      figures.remark("stored: " + stored + " tasks of 1000 kinds, a quarter of them delayed");
      var _ = turns.sinceLast();
      Waiting.pause(QUIET);
      report(figures, "look.quiet.turn", turns.sinceLast());
      try (AdminClient asking = caller(broker, 0)) {
        look(broker, figures, paths(asking, ids.getFirst()));
      }
      report(figures, "look.turn", turns.sinceLast());
      for (int connections : new int[] {1, 16}) {
        besideGreedy(broker, figures, connections);
        report(figures, "look.greedy_%d.turn".formatted(connections), turns.sinceLast());
      }
    }
    figures.print();
    return 0;
  }

  private BrokerSetup prepare(BrokerSetup settings, String agent, List<String> ids) {
    ids.add(Hoard.fill(settings.store(), TOPIC, stored));
    BrokerSetup asked = BrokerUnderTest.withAdmin(settings).with("statsd_addr", agent);
    for (int i = 0; i < CALLERS; i++) {
      asked = asked.with("admin.tokens.caller-" + i, "viewer:" + token(i));
    }
    return asked;
  }

  private static String token(int caller) {
    return Integer.toString(caller).repeat(TOKEN_LETTERS);
  }

  private static AdminClient caller(BrokerUnderTest broker, int number) {
    return new AdminClient(broker.admin(), token(number));
  }

  /**
   * What can be asked, by a name for the figures: all that the API's own document has and that
   * needs no further word, and some lists and single tasks besides.
   */
  private static Map<String, String> paths(AdminClient broker, String id) {
    Map<String, String> paths = new LinkedHashMap<>();
    paths.put("shell", "/");
    object(broker.read(DOCUMENT).getOrDefault("paths", Map.of()))
        .forEach((path, calls) -> addLook(paths, String.valueOf(path), object(calls)));
    paths.put("tasks.delayed", "/api/v1/tasks?limit=50&state=delayed");
    paths.put("tasks.of_one_kind", "/api/v1/tasks?limit=50&application=application-1&task=task-1");
    paths.put("tasks.of_no_kind", LONGEST_LIST);
    paths.put("tasks.ended", "/api/v1/tasks?limit=50&state=complete");
    paths.put("task", "/api/v1/task?id=" + id);
    paths.put("arguments", "/api/v1/arguments?id=" + id);
    return paths;
  }

  /** Calls that change nothing, and end. */
  private static void addLook(Map<String, String> paths, String path, Map<?, ?> calls) {
    if (path.equals(EVENTS) || !(calls.get("get") instanceof Map<?, ?> look)) {
      return;
    }
    List<?> parameters = look.get("parameters") instanceof List<?> list ? list : List.of();
    boolean isWhole =
        parameters.stream().noneMatch(one -> Boolean.TRUE.equals(object(one).get("required")));
    boolean isList = parameters.stream().anyMatch(one -> "limit".equals(object(one).get("name")));
    if (isWhole && !path.equals(ONE_LETTER)) {
      String name = path.substring(PREFIX.length()).replace('/', '.').replace('-', '_');
      paths.put(name, isList ? path + "?limit=" + (path.equals(QUEUES) ? 1_000 : 50) : path);
    }
  }

  private static Map<?, ?> object(Object value) {
    return value instanceof Map<?, ?> members ? members : Map.of();
  }

  // ---------------------------------------------------------------- pages

  /** A call, and how long its answers took. */
  private record Asked(String name, String path, Histogram micros) {}

  private void look(BrokerUnderTest broker, Figures figures, Map<String, String> paths) {
    List<AdminClient> callers =
        IntStream.range(0, CALLERS).mapToObj(i -> caller(broker, i)).toList();
    List<Asked> all = new ArrayList<>();
    paths.forEach(
        (name, path) -> {
          figures.add("look." + name + ".first", ask(callers.getFirst(), path) / 1e3, "ms");
          all.add(new Asked("look." + name, path, new Histogram(3)));
        });
    for (int i = 0; i < calls; i++) {
      long began = System.nanoTime();
      for (Asked one : all) {
        one.micros().recordValue(ask(callers.get(i % CALLERS), one.path()));
      }
      Waiting.pause(SHARED.minusNanos(System.nanoTime() - began));
    }
    all.forEach(one -> report(figures, one.name(), one.micros()));
    callers.forEach(AdminClient::close);
  }

  /** Microseconds until the answer is there. */
  private static long ask(AdminClient caller, String path) {
    long began = System.nanoTime();
    int status = caller.ask(path);
    long took = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - began);
    if (status != AdminClient.OK) {
      throw new IllegalStateException(path + " was answered with " + status);
    }
    return took;
  }

  private static void report(Figures figures, String name, Histogram micros) {
    figures.add(name + ".p50", micros.getValueAtPercentile(50) / 1e3, "ms");
    figures.add(name + ".p99", micros.getValueAtPercentile(99) / 1e3, "ms");
    figures.add(name + ".max", micros.getMaxValue() / 1e3, "ms");
  }

  // ---------------------------------------------------------------- without pause

  /** One caller lists without pause, and another one once a second. */
  private static void besideGreedy(BrokerUnderTest broker, Figures figures, int connections) {
    String name = "look.greedy_" + connections;
    Duration cpuBefore = broker.cpuTime();
    try (var greedy = new GreedyLister(caller(broker, 0), LONGEST_LIST, connections);
        var modest = caller(broker, 1)) {
      Histogram micros = new Histogram(3);
      long start = System.nanoTime();
      while (System.nanoTime() - start < GREEDY.toNanos()) {
        micros.recordValue(ask(modest, LONGEST_LIST));
        Waiting.pause(EACH_SECOND);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      figures.add(name + ".lists", greedy.answered() / seconds, "lists/s");
      figures.add(name + ".refused", greedy.refused() / seconds, "lists/s");
      figures.add(
          name + ".cpu",
          broker.cpuTime().minus(cpuBefore).toNanos() / 1e9 / seconds,
          "processors_of_broker");
      report(figures, name + ".once_a_second", micros);
    }
  }
}
