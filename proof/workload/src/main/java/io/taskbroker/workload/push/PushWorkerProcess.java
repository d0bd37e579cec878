package io.taskbroker.workload.push;

import com.google.protobuf.InvalidProtocolBufferException;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.LineFollower;
import io.taskbroker.workload.process.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/** Workers that are called, in a process of their own, so that they can die by themselves. */
public final class PushWorkerProcess implements AutoCloseable {
  private static final String HEAP = "192m";
  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration STOP = Duration.ofMinutes(2);

  private final ChildProcess process;
  private final LineFollower lines;
  private volatile boolean ready;

  private PushWorkerProcess(ChildProcess process, Witness witness) {
    this.process = process;
    this.lines = LineFollower.start(process.outputFile(), line -> tell(line, witness));
  }

  /**
   * Returns once they can be called.
   *
   * @param output a new file, for what they see
   * @param witness told of it a moment later, on a thread of its own
   */
  public static PushWorkerProcess start(
      PushWorkerSettings settings, Conduct conduct, Path output, Witness witness) {
    List<String> arguments =
        List.of(
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            PushWorkerMain.class.getName(),
            Integer.toString(settings.port()),
            settings.broker(),
            Integer.toString(settings.places()),
            conduct.name());
    var workers =
        new PushWorkerProcess(
            ChildProcess.startListening(ChildProcess.java(HEAP, arguments), output), witness);
    Waiting.until(
        "the workers can be called, see " + output,
        START,
        () -> {
          if (!workers.process.isAlive()) {
            throw new IllegalStateException("the workers ended:\n" + workers.process.output());
          }
          return workers.ready;
        });
    return workers;
  }

  private void tell(String line, Witness witness) {
    String[] words = line.split(" ", 3);
    switch (words[0]) {
      case PushWorkerMain.READY -> ready = true;
      case PushWorkerMain.CALLED -> witness.called();
      case PushWorkerMain.ACCEPTED -> witness.accepted(task(words[2]), Long.parseLong(words[1]));
      case PushWorkerMain.WORKED -> witness.worked(words[1]);
      case PushWorkerMain.ACKNOWLEDGED -> witness.acknowledged(words[1]);
      default -> {} // a complaint of the JVM or of gRPC, for people
    }
  }

  private static TaskActivation task(String text) {
    try {
      return TaskActivation.parseFrom(Base64.getDecoder().decode(text));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a worker was given what is no task", e);
    }
  }

  public void behave(Conduct conduct) {
    process.send(conduct.name());
  }

  /** Ends them at once, as a crash would; returns when all that they said is known. */
  public void kill() {
    process.kill();
    lines.close();
  }

  /** Lets them finish what they have. */
  @Override
  public void close() {
    if (process.isAlive()) {
      process.closeInput();
      process.awaitExit(STOP);
    }
    lines.close();
  }
}
