package io.taskbroker.proving.tls;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import io.taskbroker.workload.push.LedgerWitness;
import io.taskbroker.workload.push.PushWorkerSettings;
import io.taskbroker.workload.push.PushWorkers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Workers that are called by TLS, and that report by TLS. */
final class CalledByTls {
  private static final String TOPIC = "tls-called";
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int PLACES = 64;
  private static final TaskKind TASK = TaskKind.quick("tls.called");

  private final Rig rig;
  private final Stage stage;
  private final BrokerProcess broker;
  private final Sidecar workers;
  private final Verdict verdict;

  private CalledByTls(
      Rig rig, Stage stage, BrokerProcess broker, Sidecar workers, Verdict verdict) {
    this.rig = rig;
    this.stage = stage;
    this.broker = broker;
    this.workers = workers;
    this.verdict = verdict;
  }

  static void play(Stage stage, Certificates certificates, Verdict verdict) {
    int port = FreePorts.any();
    Identity worker = certificates.before(certificates.worker());
    Path trusted = stage.folder().resolve("workers.pem").toAbsolutePath();
    Certificates.replace(certificates.authority(), trusted);
    try (Sidecar workers = Sidecar.toWorkers(port, worker);
        Rig rig = stage.rig(TOPIC, settings(certificates, trusted, workers.address()));
        Sidecar way = Sidecar.toBroker(rig.settings().grpcPort(), worker);
        BrokerProcess broker =
            BrokerProcess.launch(rig.settings()).awaitServingAt(way.address(), PATIENCE);
        PushWorkers _ =
            PushWorkers.start(
                new PushWorkerSettings(port, way.address(), PLACES),
                List.of(TASK),
                new LedgerWitness(rig.ledger()))) {
      new CalledByTls(rig, stage, broker, workers, verdict).play(certificates, trusted);
      verdict.expect("called.exit", 0, broker.stop(ProcessSignal.TERM).code());
    }
  }

  private void play(Certificates certificates, Path trusted) {
    Identity worker = certificates.before(certificates.worker());
    produce(stage.some(1_000, 100));
    rig.awaitEnds(PATIENCE);
    verdict.atLeast("called.connections", 1, workers.joined());
    refuse("stranger", bad(certificates, "stranger"), "valid certification path");
    accept(worker);
    refuse("expired", bad(certificates, "expired"), "NotAfter");
    accept(worker);
    refuse("early", bad(certificates, "early"), "NotBefore");
    accept(worker);
    refuse("distrusting", certificates.after(certificates.worker()), "Received fatal alert");
    accept(worker);
    refuse("too_soon", certificates.before(certificates.renewedWorker()), "valid certification");
    Certificates.replace(certificates.next(), trusted);
    rig.awaitEnds(PATIENCE); // without a new connection on our side: the broker tries again
    stage.say("workers with a renewed certificate are called once their authority is trusted");
    var account = rig.ledger().account();
    verdict
        .expect("called.completed", account.produced(), account.completed())
        .expect("called.lost", 0, account.open())
        .expect("called.repeated", 0, account.repeats())
        .expectNone("called.wrong", rig.ledger().complaints());
  }

  private void produce(int some) {
    rig.producer().produce(TASK, some);
    rig.producer().flush();
  }

  private static Identity bad(Certificates certificates, String name) {
    return certificates.before(certificates.bad(name));
  }

  /** Workers that are so from now on are given nothing, and the broker says why. */
  private void refuse(String who, Identity identity, String reason) {
    long got = rig.ledger().handouts();
    int joined = workers.joined();
    int failed = workers.failed();
    workers.become(identity);
    produce(5);
    Waiting.until(
        "calls to workers fail that are " + who + ", see " + rig.settings().log(),
        PATIENCE,
        () -> workers.failed() >= failed + 2);
    broker.awaitLine(PATIENCE, "Pushing", "stalled", reason);
    stage.say(
        who + ", the broker: " + broker.firstLineWith(reason).replaceFirst("^.*?Push", "Push"));
    verdict
        .expect("called." + who + "_got", 0, rig.ledger().handouts() - got)
        .expect("called." + who + "_joined", 0, workers.joined() - joined);
  }

  private void accept(Identity identity) {
    workers.become(identity);
    rig.awaitEnds(PATIENCE);
  }

  private static Map<String, Object> settings(
      Certificates certificates, Path trusted, String workers) {
    return Map.ofEntries(
        Map.entry("delivery_mode", "push"),
        Map.entry("push.timeout", "1s"),
        Map.entry("worker_map.proving", "https://" + workers),
        Map.entry("push.tls.ca", trusted.toString()),
        Map.entry("push.tls.certificate", text(certificates.broker().certificate())),
        Map.entry("push.tls.key", text(certificates.broker().key())),
        Map.entry("grpc_tls_certificate", text(certificates.broker().certificate())),
        Map.entry("grpc_tls_key", text(certificates.broker().key())),
        Map.entry("grpc_tls_client_ca", text(certificates.authority())));
  }

  private static String text(Path file) {
    return file.toAbsolutePath().toString();
  }
}
