package io.taskbroker.proving.chaos;

import io.taskbroker.proving.machine.BrittleDisk;
import io.taskbroker.proving.machine.Preload;
import io.taskbroker.proving.machine.SteppedClock;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import io.taskbroker.workload.proxy.Http2;
import io.taskbroker.workload.proxy.Proxy;
import io.taskbroker.workload.proxy.Script;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One broker of the group, its many lives, and the machine that it alone sees. */
final class Member implements AutoCloseable {
  private static final Duration END = Duration.ofMinutes(1);
  private static final int LONGEST_LINE = 400;

  /** As shells tell it: 128, and the number of the signal. */
  private static final int ENDED_BY_TERM = 128 + 15;

  private final String name;
  private final BrokerSetup settings;
  private final Path store;
  private final @Nullable Machine machine;
  private final Proxy way;
  private @Nullable BrokerProcess process;

  /** What is this broker's alone, where a compiler can build the libraries for it. */
  record Machine(BrittleDisk disk, SteppedClock clock) {}

  /**
   * @param settings say nothing of the store
   * @param data takes the store; exists
   * @param machine null if there cannot be one
   */
  Member(String name, BrokerSetup settings, Path data, @Nullable Machine machine) {
    this.name = name;
    this.store = data.resolve("inflight.sqlite").toAbsolutePath();
    this.settings = settings.with("store.sqlite.path", store.toString());
    this.machine = machine;
    InetAddress here = InetAddress.getLoopbackAddress();
    this.way =
        Proxy.start(
            new InetSocketAddress(here, 0),
            new InetSocketAddress(here, settings.grpcPort()),
            Http2.PROTOCOL,
            () -> Script.PASS);
  }

  String name() {
    return name;
  }

  /** Where workers reach it. */
  String address() {
    return "127.0.0.1:" + way.port();
  }

  Path store() {
    return store;
  }

  @Nullable Machine machine() {
    return machine;
  }

  void launch() {
    List<String> wrapper =
        machine == null
            ? List.of()
            : Preload.wrapper(machine.disk().preload(), machine.clock().preload());
    process = BrokerProcess.launchSmall(wrapper, settings);
  }

  private BrokerProcess running() {
    BrokerProcess now = process;
    if (now == null) {
      throw new IllegalStateException(name + " was never launched");
    }
    return now;
  }

  boolean isAlive() {
    return running().process().isAlive();
  }

  void kill() {
    running().kill();
  }

  void signal(ProcessSignal signal) {
    running().process().signal(signal);
  }

  /** Waits until it has ended, and returns its exit code. */
  int awaitEnd() {
    return running().process().awaitExit(END);
  }

  /**
   * Whether it has ended, with this code, by a signal that came before it had said a word: until
   * its program runs, a JVM ends by the signal itself.
   */
  boolean wasEndedBeforeItBegan(int code) {
    return code == ENDED_BY_TERM && running().lastLine().isEmpty();
  }

  /** What it has said last, cut to a length that people read. */
  String lastLine() {
    String line = running().lastLine();
    return line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) + " …" : line;
  }

  void cutConnections() {
    way.cut();
  }

  /**
   * @throws IllegalStateException with its output if it ends, or is not serving in time
   */
  void awaitServing(Duration patience) {
    running().awaitServing(patience);
  }

  /** Waits until nothing is left in its store. */
  void awaitEmpty(Duration patience) {
    try (StoreWindow view = StoreWindow.open(store)) {
      Waiting.untilNothingLeft(store + " is empty", patience, view::count);
    }
  }

  @Override
  public void close() {
    way.close();
    BrokerProcess now = process;
    if (now != null) {
      now.close();
    }
  }
}
