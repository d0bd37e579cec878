package io.taskbroker.proving.tls;

import io.grpc.Status;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.proving.tls.Caller.Told;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.AttachedSettings;
import io.taskbroker.workload.load.AttachedWorkers;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Workers that ask, and workers that are attached, by a port that speaks TLS. */
final class AskedByTls {
  private static final String TOPIC = "tls-asked";
  private static final String SECRET = "a secret beside certificates";
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Longer than the time within which a broker looks at its files: docs/operations.md, TLS. */
  private static final Duration RENEWAL = Duration.ofSeconds(25);

  /** Connections of workers that ask, and of those that are attached. */
  private static final int PULLING = 2;

  private static final int ATTACHED = 2;

  /** A task of these takes so long that a renewal falls into the work on a few hundred. */
  private static final TaskKind TASK = TaskKind.quick("tls.asked").working(Duration.ofMillis(20));

  private final Rig rig;
  private final Stage stage;
  private final Path certificate;
  private final Path key;
  private final Path clients;
  private final Certificates certificates;
  private final int tasks;
  private final Verdict verdict;

  private AskedByTls(Rig rig, Stage stage, Certificates certificates, Verdict verdict) {
    this.rig = rig;
    this.stage = stage;
    this.certificate = stage.folder().resolve("broker.pem").toAbsolutePath();
    this.key = stage.folder().resolve("broker.key").toAbsolutePath();
    this.clients = stage.folder().resolve("clients.pem").toAbsolutePath();
    this.certificates = certificates;
    this.tasks = stage.some(2_000, 200);
    this.verdict = verdict;
  }

  static void play(Stage stage, Certificates certificates, Verdict verdict) {
    try (Rig rig = stage.rig(TOPIC, Map.of("store.max_pending_count", 30_000))) {
      new AskedByTls(rig, stage, certificates, verdict).play();
    }
  }

  private void play() {
    Certificates.replace(certificates.broker().key(), key);
    Certificates.replace(certificates.broker().certificate(), certificate);
    Certificates.replace(certificates.authority(), clients);
    BrokerSetup settings =
        rig.settings()
            .with("grpc_tls_certificate", certificate.toString())
            .with("grpc_tls_key", key.toString())
            .with("grpc_tls_client_ca", clients.toString());
    Identity worker = certificates.before(certificates.worker());
    try (Sidecar way = Sidecar.toBroker(settings.grpcPort(), worker);
        BrokerProcess broker =
            BrokerProcess.launch(settings).awaitServingAt(way.address(), PATIENCE)) {
      Scan.of(stage, settings.grpcPort(), "ec", worker, verdict);
      produce(tasks);
      refuseEachOther(broker, settings.grpcAddress());
      renewUnderLoad(broker, settings, way);
      Identity renewed = certificates.after(certificates.renewedWorker());
      Scan.of(stage, settings.grpcPort(), "rsa", renewed, verdict);
      verdict.expect("asked.exit", 0, broker.stop(ProcessSignal.TERM).code());
    }
    withSecret(settings.with("grpc_shared_secret", List.of(SECRET)));
    var account = rig.ledger().account();
    verdict
        .expect("asked.lost", 0, account.open())
        .expect("asked.repeated", 0, account.repeats())
        .expect("asked.completed", account.produced(), account.completed())
        .expectNone("asked.wrong", rig.ledger().complaints());
  }

  private void produce(int some) {
    rig.producer().produce(TASK, some);
    rig.producer().flush();
  }

  // ---------------------------------------------------------------- strangers

  private void refuseEachOther(BrokerProcess broker, String address) {
    try (StoreWindow view = rig.view()) {
      Waiting.until("all tasks are stored", PATIENCE, () -> view.count("Pending") == tasks);
      refuse(broker, "nobody", certificates.before(null), address, "Empty client certificate");
      refuse(broker, "plain", null, address, "does not speak TLS");
      refuseBad(broker, "stranger", address, "unable to find valid certification path");
      refuseBad(broker, "expired", address, "NotAfter");
      refuseBad(broker, "early", address, "NotBefore");
      // One that does not know the broker's authority goes by itself.
      refuse(
          broker, "distrusting", certificates.after(certificates.worker()), address, "fatal alert");
      verdict.expect("asked.untouched", tasks, view.count("Pending"));
    }
  }

  private void refuseBad(BrokerProcess broker, String who, String address, String reason) {
    refuse(broker, who, certificates.before(certificates.bad(who)), address, reason);
  }

  /** The broker tells it in a line each 10 s, for the last one that was refused. */
  private void refuse(
      BrokerProcess broker,
      String who,
      @Nullable Identity identity,
      String address,
      String reason) {
    // To a client that speaks plain text an alert of TLS is no answer that it knows.
    Status.Code code = identity == null ? Status.Code.INTERNAL : Status.Code.UNAVAILABLE;
    Caller caller = new Caller(identity, null);
    expectBoth(who, caller, address, code);
    Waiting.until(
        "the broker says why it refused " + who,
        PATIENCE,
        () -> {
          if (broker.lines("TLS handshakes failed", reason) > 0) {
            return true;
          }
          Waiting.pause(Duration.ofMillis(500));
          caller.asks(address);
          return false;
        });
    stage.say(
        "      the broker: "
            + broker.firstLineWith(reason).replaceFirst("^.*TLS handsh", "TLS handsh"));
  }

  private void expectRefused(String what, Told told, Status.Code code) {
    stage.say(what + ": " + told.code() + " \"" + told.reason() + "\"");
    verdict.expect("asked." + what + "_refused", 1, told.code() == code ? 1 : 0);
  }

  // ---------------------------------------------------------------- renewal

  /** Connections that are open work on; whoever comes later meets the new certificate. */
  private void renewUnderLoad(BrokerProcess broker, BrokerSetup settings, Sidecar way) {
    Caller former = new Caller(certificates.before(certificates.worker()), null);
    Caller renewed = new Caller(certificates.after(certificates.renewedWorker()), null);
    String address = settings.grpcAddress();
    int joined = way.joined() + PULLING + ATTACHED;
    try (var _ = rig.startWorkers(WorkerSettings.at(way.address(), 4, PULLING), TASK);
        var _ = attached(way.address(), null)) {
      Waiting.until("all are connected", PATIENCE, () -> way.joined() == joined);
      spoil(broker);
      expectIn("former_beside_spoilt", former.asks(address));
      expectRefused("renewed_too_soon", renewed.asks(address), Status.Code.UNAVAILABLE);
      Certificates.replace(certificates.renewedBroker().key(), key);
      Certificates.replace(certificates.renewedBroker().certificate(), certificate);
      Certificates.replace(certificates.next(), clients);
      long since = System.nanoTime();
      while (isRefused(renewed, address)) {
        if (System.nanoTime() - since > RENEWAL.toNanos()) {
          throw new IllegalStateException(
              "the renewed files are not taken up, see " + settings.log());
        }
        produce(50); // so that there is work for those that are connected
        Waiting.pause(Duration.ofMillis(250));
      }
      verdict.atMost(
          "asked.renewed_after_ms", RENEWAL.toMillis(), (System.nanoTime() - since) / 1_000_000);
      expectIn("renewed_attaching", renewed.attaches(address));
      expectRefused("former_asking", former.asks(address), Status.Code.UNAVAILABLE);
      long handouts = rig.ledger().handouts();
      produce(100);
      rig.awaitEnds(PATIENCE);
      verdict
          .atLeast("asked.handed_out_after_renewal", 100, rig.ledger().handouts() - handouts)
          .expect("asked.connections_made_anew", 0, way.joined() - joined);
    }
    stage.say("the renewed files are in use, and nobody was cut off");
  }

  private void expectIn(String what, Told told) {
    stage.say(what + ": " + told.code() + " \"" + told.reason() + "\"");
    verdict.expect("asked." + what + "_in", 1, isIn(told) ? 1 : 0);
  }

  /** Nobody has tasks for it. */
  private static boolean isIn(Told told) {
    return told.code() == Status.Code.NOT_FOUND || told.code() == Status.Code.OK;
  }

  private static boolean isRefused(Caller caller, String address) {
    return !isIn(caller.asks(address));
  }

  /** What cannot be used is told, and changes nothing. */
  private void spoil(BrokerProcess broker) {
    try {
      Files.writeString(certificate, "-----BEGIN CERTIFICATE-----\nhalf of");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + certificate, e);
    }
    broker.awaitLine(RENEWAL, certificate.toString(), "cannot be used");
  }

  private AttachedWorkers attached(String address, @Nullable String secret) {
    AttachedSettings settings = AttachedSettings.at(address, ATTACHED, 8);
    return AttachedWorkers.start(
        secret == null ? settings : settings.signedBy(secret), List.of(TASK), rig.ledger());
  }

  // ---------------------------------------------------------------- with a secret

  /** A certificate alone is not enough then, and neither is the secret. */
  private void withSecret(BrokerSetup settings) {
    String address = settings.grpcAddress();
    Identity worker = certificates.after(certificates.renewedWorker());
    try (Sidecar way = Sidecar.toBroker(settings.grpcPort(), worker);
        BrokerProcess broker =
            BrokerProcess.launch(settings).awaitServingAt(way.address(), PATIENCE)) {
      expectBoth("unsigned", new Caller(worker, null), address, Status.Code.UNAUTHENTICATED);
      expectBoth("missigned", new Caller(worker, "wrong"), address, Status.Code.UNAUTHENTICATED);
      expectBoth(
          "signed_stranger",
          new Caller(certificates.after(certificates.bad("stranger")), SECRET),
          address,
          Status.Code.UNAVAILABLE);
      Caller right = new Caller(worker, SECRET);
      expectIn("signed_asking", right.asks(address));
      expectIn("signed_attaching", right.attaches(address));
      produce(tasks);
      try (var _ = attached(way.address(), SECRET)) {
        rig.awaitEnds(PATIENCE);
      }
      verdict.expect("asked.exit_with_secret", 0, broker.stop(ProcessSignal.TERM).code());
    }
    stage.say("a secret counts beside certificates");
  }

  private void expectBoth(String who, Caller caller, String address, Status.Code code) {
    expectRefused(who + "_asking", caller.asks(address), code);
    expectRefused(who + "_attaching", caller.attaches(address), code);
  }
}
