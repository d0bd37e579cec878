package io.taskbroker.proving.python;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.load.TopicReader;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.SourceTree;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** One broker and its Python workers, from the first task to the stop of both. */
final class PythonTurn implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration STOP = Duration.ofSeconds(30);

  /** Longer than the second after which they expire. */
  private static final Duration EXPIRY = Duration.ofSeconds(2);

  /** Runs of {@link PythonFates#RESTARTED} after which the workers are killed. */
  private static final int BEFORE_KILL = 60;

  private final Stage stage;
  private final PythonRig rig;
  private final BrokerSetup settings;
  private final String name;
  private final TopicCounts counts = new TopicCounts();
  private final TopicReader tasks;
  private final TopicReader deadLetters;
  private final BrokerProcess broker;

  private PythonTurn(Stage stage, PythonRig rig) {
    this.stage = stage;
    this.rig = rig;
    this.settings = rig.settings();
    this.name = rig.name();
    this.tasks = TopicReader.start(settings.kafka(), settings.topic(), counts::task);
    this.deadLetters =
        TopicReader.start(settings.kafka(), settings.deadLetterTopic(), counts::deadLetter);
    this.broker = BrokerProcess.start(settings);
  }

  /** Begins with a broker that serves, and no worker. */
  static PythonTurn start(Stage stage, PythonRig rig) {
    try (Topics topics = Topics.at(rig.settings().kafka())) {
      topics.create(rig.settings().topic(), 1);
      topics.create(rig.settings().deadLetterTopic(), 1);
    }
    return new PythonTurn(stage, rig);
  }

  void play(Verdict verdict) {
    rig.produce(List.of(PythonFates.EXPIRED));
    verdict.expectNone(name + ".strangers_let_in", strangersLetIn());
    Waiting.pause(EXPIRY);
    try (ChildProcess worker = rig.startWorker()) {
      rig.produce(List.of(PythonFates.QUICK));
      rig.awaitRuns(PythonFates.QUICK, PythonFates.QUICK.tasks());
      rig.produce(PythonFates.PECULIAR);
      EmptyStore.await(settings, PATIENCE);
      judgeMetrics(verdict);
      rig.produce(PythonFates.RESTARTED);
      rig.awaitRuns(PythonFates.RESTARTED.getFirst(), BEFORE_KILL);
      worker.kill();
    }
    int workerExit;
    try (ChildProcess worker = rig.startWorker()) {
      EmptyStore.await(settings, PATIENCE);
      worker.signal(ProcessSignal.TERM);
      workerExit = worker.awaitExit(STOP);
    }
    int brokerExit = broker.stop(ProcessSignal.TERM).code();
    tasks.catchUp(PATIENCE);
    deadLetters.catchUp(PATIENCE);
    judgeFates(verdict);
    verdict
        .expect(name + ".worker_exit", 0, workerExit)
        .expect(name + ".broker_exit", 0, brokerExit)
        .expectNone(name + ".warnings_of_workers", rig.warningsOfWorkers())
        .expectNone(name + ".error_lines", errorLines());
  }

  /** Sends tasks to a worker that runs, waits until all have ended, and stops both. */
  void playOnce(Verdict verdict, List<Fate> fates) {
    int workerExit;
    try (ChildProcess worker = rig.startWorker()) {
      rig.produce(fates);
      fates.forEach(fate -> rig.awaitRuns(fate, fate.tasks()));
      EmptyStore.await(settings, PATIENCE);
      worker.signal(ProcessSignal.TERM);
      workerExit = worker.awaitExit(STOP);
    }
    int brokerExit = broker.stop(ProcessSignal.TERM).code();
    tasks.catchUp(PATIENCE);
    deadLetters.catchUp(PATIENCE);
    RunLog runs = rig.runs();
    for (Fate fate : fates) {
      stage.say("%s %s: %s".formatted(name, fate.task(), runs.summary(fate.task(), fate.tasks())));
      verdict.expectNone(name + "." + fate.task(), fate.complaints(runs, counts));
    }
    verdict
        .expectNone(name + ".unexpected", runs.complaints())
        .expect(name + ".worker_exit", 0, workerExit)
        .expect(name + ".broker_exit", 0, brokerExit)
        .expectNone(name + ".error_lines", errorLines());
  }

  /** Those of the broker, but for the one about the request that has no signature. */
  private List<String> errorLines() {
    return settings.errorLines().stream()
        .filter(line -> !line.contains("it has no header sentry-signature"))
        .toList();
  }

  /** What is wrong with the answer to somebody who has no secret. */
  private List<String> strangersLetIn() {
    ManagedChannel channel =
        ManagedChannelBuilder.forTarget(settings.grpcAddress()).usePlaintext().build();
    try {
      var _ =
          ConsumerServiceGrpc.newBlockingStub(channel)
              .getTask(GetTaskRequest.newBuilder().setApplication("strange").build());
      return List.of("an unsigned GetTask was answered with a task");
    } catch (StatusRuntimeException e) {
      Status.Code code = e.getStatus().getCode();
      return code == answerToStrangers()
          ? List.of()
          : List.of("an unsigned GetTask was answered " + code + ", not " + answerToStrangers());
    } finally {
      channel.shutdownNow();
    }
  }

  private Status.Code answerToStrangers() {
    return switch (rig.calls()) {
      case SIGNED -> Status.Code.UNAUTHENTICATED;
      case OPEN ->
          switch (rig.delivery()) {
            case PULL -> Status.Code.NOT_FOUND;
            case PUSH -> Status.Code.PERMISSION_DENIED;
          };
    };
  }

  private void judgeMetrics(Verdict verdict) {
    List<String> output = rig.metrics().lines().toList();
    List<String> document = SourceTree.lines("metrics.md");
    int published = PythonFates.PECULIAR.stream().mapToInt(Fate::published).sum();
    Set<String> occasions =
        switch (rig.delivery()) {
          case PULL -> Set.of("pull");
          case PUSH -> Set.of("push", "batch");
        };
    var page = new MetricFamilies(output, document);
    stage.say(name + ": " + page.size() + " families of metrics");
    verdict
        .expectNone(
            name + ".wrong_families",
            Stream.concat(page.missing(occasions).stream(), page.undocumented().stream()).toList())
        .expect(name + ".published", published, page.counted("outbox.published"));
  }

  private void judgeFates(Verdict verdict) {
    RunLog runs = rig.runs();
    List<String> complaints = new ArrayList<>(runs.complaints());
    for (Fate fate : PythonFates.all().toList()) {
      List<String> own = fate.complaints(runs, counts);
      stage.say(name + " " + fate.line(runs, counts) + (own.isEmpty() ? "" : " NOT SO"));
      complaints.addAll(own);
    }
    verdict.expectNone(name + ".unexpected", complaints);
  }

  @Override
  public void close() {
    broker.close();
    tasks.close();
    deadLetters.close();
  }
}
