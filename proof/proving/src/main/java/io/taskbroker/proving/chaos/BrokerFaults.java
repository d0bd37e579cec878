package io.taskbroker.proving.chaos;

import io.taskbroker.proving.chaos.Member.Machine;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.process.ProcessSignal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What happens to one broker, its disk, its clock, its connections and its files. */
final class BrokerFaults {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final int STUTTERS = 12;
  private static final Duration SERVING = Duration.ofMinutes(2);

  private final Member member;
  private final Ledger ledger;
  private final Incidents incidents;

  private BrokerFaults(Member member, Ledger ledger, Incidents incidents) {
    this.member = member;
    this.ledger = ledger;
    this.incidents = incidents;
  }

  /**
   * @param ledger told while the clock is wrong, and while the process is stopped
   */
  static List<Fault> of(Member member, Ledger ledger, Incidents incidents) {
    var faults = new BrokerFaults(member, ledger, incidents);
    List<Fault> all =
        new ArrayList<>(
            List.of(
                new Fault("killed", faults::kill),
                new Fault("killed while it starts", faults::killTwice),
                new Fault("restarted", faults::restart),
                new Fault("stopped for a while", faults::stop),
                new Fault("slow", faults::stutter),
                new Fault("connections cut", faults::cut),
                new Fault("files copied", faults::copy),
                new Fault("an older copy put in place", faults::replace)));
    Machine machine = member.machine();
    if (machine != null) {
      all.add(new Fault("disk read-only", dice -> faults.disk(machine.disk()::turnReadOnly, dice)));
      all.add(new Fault("disk full", dice -> faults.disk(machine.disk()::fill, dice)));
      all.add(new Fault("disk slow", dice -> faults.disk(machine.disk()::slowDown, dice)));
      all.add(new Fault("clock stepped", faults::step));
    }
    return all.stream().map(faults::watched).toList();
  }

  /** A broker that has ended before or after it, and that nobody has ended, is told of. */
  private Fault watched(Fault fault) {
    return new Fault(
        fault.name(),
        dice -> {
          launchIfEnded();
          fault.course().run(dice);
          launchIfEnded();
        });
  }

  void launchIfEnded() {
    if (!member.isAlive()) {
      incidents.unexplained(
          "%s ended by itself with %d: %s"
              .formatted(member.name(), member.awaitEnd(), member.lastLine()));
      member.launch();
    }
  }

  private void kill(Dice dice) {
    member.kill();
    dice.pause(0, 3_000);
    member.launch();
  }

  private void killTwice(Dice dice) {
    member.kill();
    member.launch();
    dice.pause(0, 2_500);
    member.kill();
    member.launch();
  }

  private void restart(Dice dice) {
    member.signal(ProcessSignal.TERM);
    int code = member.awaitEnd();
    if (code != 0 && !member.wasEndedBeforeItBegan(code)) {
      incidents.unexplained(
          "%s was asked to stop and ended with %d: %s"
              .formatted(member.name(), code, member.lastLine()));
    }
    dice.pause(0, 3_000);
    member.launch();
  }

  /** Longer than its session at times: it goes on with partitions that others have. */
  private void stop(Dice dice) {
    standStill(() -> dice.pause(300, 12_000));
  }

  private void stutter(Dice dice) {
    for (int i = 0; i < STUTTERS; i++) {
      standStill(() -> dice.pause(50, 500));
      dice.pause(20, 200);
    }
  }

  private void standStill(Runnable meanwhile) {
    ledger.brokerStops(member.address());
    member.signal(ProcessSignal.STOP);
    meanwhile.run();
    member.signal(ProcessSignal.CONT);
    ledger.brokerGoesOn(member.address());
  }

  private void cut(Dice dice) {
    int times = 1 + dice.below(5);
    for (int i = 0; i < times; i++) {
      member.cutConnections();
      dice.pause(10, 500);
    }
  }

  private void disk(Runnable breaks, Dice dice) {
    Machine machine = member.machine();
    if (machine == null) {
      throw new IllegalStateException(member.name() + " has no disk of its own");
    }
    member.awaitServing(SERVING); // one that starts without a disk ends, and says why
    breaks.run();
    dice.pause(500, 8_000);
    machine.disk().mend();
  }

  private void step(Dice dice) {
    Machine machine = member.machine();
    if (machine == null) {
      throw new IllegalStateException(member.name() + " has no clock of its own");
    }
    ledger.clockIsWrong();
    machine.clock().step(dice.below(2) == 0 ? HOUR : HOUR.negated());
    dice.pause(500, 8_000);
    machine.clock().step(Duration.ZERO);
    ledger.clockIsRight();
  }

  /** As somebody does who wants to look at them elsewhere. */
  private void copy(Dice dice) {
    for (Path file : files()) {
      if (Files.exists(file)) {
        copyOf(file);
      }
      dice.pause(1, 50);
    }
  }

  /** The broker notices and ends; the next one has everything. One that only starts could not. */
  private void replace(Dice dice) {
    member.awaitServing(SERVING);
    Path copy = copyOf(member.store());
    dice.pause(100, 2_000);
    try {
      Files.move(copy, member.store(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot replace " + member.store(), e);
    }
    try {
      member.awaitEnd();
    } catch (IllegalStateException e) {
      incidents.unexplained(
          member.name() + " did not end though its file was replaced: " + e.getMessage());
      member.kill();
    }
    member.launch();
  }

  private List<Path> files() {
    try (var files = Files.newDirectoryStream(member.store().getParent(), "inflight.sqlite*")) {
      List<Path> all = new ArrayList<>();
      files.forEach(all::add);
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + member.store().getParent(), e);
    }
  }

  private static Path copyOf(Path file) {
    Path copy = file.resolveSibling("copy-of-" + file.getFileName());
    try {
      return Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy " + file, e);
    }
  }
}
