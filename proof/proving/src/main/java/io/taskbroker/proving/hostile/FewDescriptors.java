package io.taskbroker.proving.hostile;

import io.grpc.Status;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A running broker that may open no more files, and more clients than that: it says so with what to
 * do, and lets new ones in once some have gone.
 */
final class FewDescriptors {
  /** Files that may still be opened. */
  private static final int SPARE = 5;

  private static final int CLIENTS = 60;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Stage stage;
  private final BrokerSetup settings;
  private final BrokerProcess broker;
  private final Verdict verdict;

  FewDescriptors(Stage stage, BrokerSetup settings, BrokerProcess broker, Verdict verdict) {
    this.stage = stage;
    this.settings = settings;
    this.broker = broker;
    this.verdict = verdict;
  }

  void play() {
    long before = openFiles();
    if (before < 0 || !limit(before + SPARE)) {
      stage.say("few descriptors: skipped, as this system has no /proc or no prlimit");
      return;
    }
    List<Socket> clients = new ArrayList<>();
    try {
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(new Socket(InetAddress.getLoopbackAddress(), settings.grpcPort()));
      }
      broker.awaitLine(PATIENCE, "ERROR", "could not be accepted", "raise the limit");
      stage.say("      " + broker.firstLineWith("could not be accepted"));
    } catch (IOException e) {
      throw new UncheckedIOException("the kernel lets nobody in", e);
    } finally {
      clients.forEach(FewDescriptors::hangUp);
    }
    long began = System.nanoTime();
    boolean served = false;
    while (!served && System.nanoTime() - began < PATIENCE.toNanos()) {
      served = HostileCall.plain(settings).getCode() == Status.Code.NOT_FOUND;
    }
    verdict.expect("served_after_few_descriptors", 1, served ? 1 : 0);
    limit(before + 10_000);
  }

  private long openFiles() {
    Path folder = Path.of("/proc", Long.toString(broker.process().pid()), "fd");
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    } catch (IOException _) {
      return -1;
    }
  }

  /** Only the soft limit, which can be raised again. */
  private boolean limit(long files) {
    try {
      return new ProcessBuilder(
                  "prlimit",
                  "--pid",
                  Long.toString(broker.process().pid()),
                  "--nofile=" + files + ":")
              .inheritIO()
              .start()
              .waitFor()
          == 0;
    } catch (IOException _) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void hangUp(Socket client) {
    try {
      client.close();
    } catch (IOException _) {
      // gone anyway
    }
  }
}
