package io.taskbroker.proving.hostile;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.proving.unruly.Nuisance;
import io.taskbroker.proving.unruly.UnrulyClientsProcess;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.Workers;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Clients from 127.0.0.2 that take whatever a listener gives before it knows them, against a broker
 * with a heap of 256 MB. Workers from 127.0.0.1 are served meanwhile and afterwards, and probes are
 * answered.
 */
final class HostileFloods {
  private static final String HEAP = "256m";
  private static final int RATE = 100;
  private static final Duration PROBE = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Names that make the page of the metrics some MB large. */
  private static final int NAMES = 1_500;

  private static final int MOST_MS = 100;
  private static final TaskKind QUICK = TaskKind.quick("floods.quick");

  private static final List<Nuisance> NUISANCES =
      List.of(
          Nuisance.HALF_REQUESTS,
          Nuisance.LARGE_HEADERS,
          Nuisance.UNREAD_PAGES,
          Nuisance.HALF_PAGES);

  private final Stage stage;
  private final Verdict verdict;
  private final Duration phase;
  private final Duration afterwards;
  private final int httpPort = FreePorts.any();
  private long unanswered;
  private long slowestProbeMs;

  HostileFloods(Stage stage, Verdict verdict) {
    this.stage = stage;
    this.verdict = verdict;
    this.phase = Duration.ofSeconds(stage.some(12, 5));
    this.afterwards = Duration.ofSeconds(stage.some(5, 2));
  }

  void play() {
    var settings = Map.<String, Object>of("http_addr", "127.0.0.1", "http_port", httpPort);
    try (Rig rig = Rig.of(stage.folder(), stage.kafka().address(), "hostile-floods", settings);
        BrokerProcess broker =
            BrokerProcess.launch(rig.settings(), HEAP).awaitServing(Duration.ofSeconds(30));
        Workers workers = rig.startWorkers(rig.workers(8, 2), QUICK)) {
      for (int i = 0; i < NAMES; i++) {
        rig.producer().produce(TaskKind.quick("floods.name-" + i));
      }
      phase(rig, workers, phase); // the JVM has to warm up
      long quiet = phase(rig, workers, phase);
      stage.say("p99 of the workers' calls without any flood: " + quiet + " ms");
      for (Nuisance nuisance : NUISANCES) {
        playBeside(nuisance, rig, workers);
      }
      new FewDescriptors(stage, rig.settings(), broker, verdict).play();
      verdict
          .expect("floods_failed_calls", 0, workers.failedCalls())
          .expect("floods_alive", 1, broker.process().isAlive() ? 1 : 0);
    }
  }

  private void playBeside(Nuisance nuisance, Rig rig, Workers workers) {
    boolean isOverHttp = nuisance == Nuisance.UNREAD_PAGES || nuisance == Nuisance.HALF_PAGES;
    String target = isOverHttp ? "127.0.0.1:" + httpPort : rig.settings().grpcAddress();
    Path output = rig.settings().log().resolveSibling(nuisance + ".log");
    unanswered = 0;
    slowestProbeMs = 0;
    long beside;
    try (var clients = UnrulyClientsProcess.start(target, "nobody", nuisance, output)) {
      clients.begin();
      beside = phase(rig, workers, phase);
    }
    long after = phase(rig, workers, afterwards);
    String name = nuisance.name().toLowerCase(Locale.ROOT);
    stage.say(
        "%s: p99 of the workers' calls %d ms beside it, %d ms after it; slowest probe %d ms"
            .formatted(name, beside, after, slowestProbeMs));
    // In short it is played beside builds, which make everything wait.
    long mostMs = stage.some(MOST_MS, 10 * MOST_MS);
    verdict
        .atMost(name + "_p99_ms", mostMs, beside)
        .atMost(name + "_p99_ms_afterwards", mostMs, after)
        .atMost(name + "_unanswered_probes", stage.some(0, 5), unanswered);
  }

  /** The p99 of the calls of workers, in milliseconds, at a steady rate of tasks and of probes. */
  private long phase(Rig rig, Workers workers, Duration length) {
    Histogram calls = workers.callMicros();
    long start = System.nanoTime();
    long sent = 0;
    while (System.nanoTime() - start < length.toNanos()) {
      long due = (System.nanoTime() - start) * RATE / 1_000_000_000L;
      for (; sent < due; sent++) {
        rig.producer().produce(QUICK);
      }
      probe(rig.settings().grpcAddress());
      Waiting.pause(Duration.ofMillis(20));
    }
    rig.awaitEnds(PATIENCE);
    Histogram since = workers.callMicros();
    since.subtract(calls);
    return TimeUnit.MICROSECONDS.toMillis(since.getValueAtPercentile(99));
  }

  /** Asks on new connections, as those do who restart a broker that does not answer. */
  private void probe(String grpc) {
    long began = System.nanoTime();
    unanswered += answersHttp() ? 0 : 1;
    unanswered += answersGrpc(grpc) ? 0 : 1;
    slowestProbeMs =
        Math.max(slowestProbeMs, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
  }

  private boolean answersHttp() {
    try {
      var asked =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:" + httpPort + "/livez").toURL().openConnection();
      asked.setConnectTimeout((int) PROBE.toMillis());
      asked.setReadTimeout((int) PROBE.toMillis());
      asked.setRequestProperty("Connection", "close");
      return asked.getResponseCode() == HttpURLConnection.HTTP_OK;
    } catch (IOException _) {
      return false;
    }
  }

  private static boolean answersGrpc(String address) {
    ManagedChannel channel = ManagedChannelBuilder.forTarget(address).usePlaintext().build();
    try {
      var _ =
          HealthGrpc.newBlockingStub(channel)
              .withDeadlineAfter(PROBE.toMillis(), TimeUnit.MILLISECONDS)
              .check(HealthCheckRequest.getDefaultInstance());
      return true;
    } catch (StatusRuntimeException _) {
      return false;
    } finally {
      channel.shutdownNow();
    }
  }
}
