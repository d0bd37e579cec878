package io.taskbroker.workload.push;

import io.taskbroker.proto.v1.TaskActivation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * The program of {@link PushWorkerProcess}. Each line of its input is a {@link Conduct}; each of
 * its output tells of one thing that happened. Runs until its input ends.
 */
final class PushWorkerMain {
  static final String READY = "ready";
  static final String CALLED = "called";
  static final String ACCEPTED = "accepted";
  static final String WORKED = "worked";
  static final String ACKNOWLEDGED = "acknowledged";

  private PushWorkerMain() {}

  public static void main(String[] arguments) throws IOException {
    var settings =
        new PushWorkerSettings(
            Integer.parseInt(arguments[0]), arguments[1], Integer.parseInt(arguments[2]));
    PushWorkers workers = PushWorkers.start(settings, List.of(), new Lines());
    workers.behave(Conduct.valueOf(arguments[3]));
    say(READY);
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      workers.behave(Conduct.valueOf(line));
    }
    workers.close();
  }

  /** In one piece, and out of this process at once: it may be killed at any moment. */
  private static void say(String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (System.out) {
      System.out.write(bytes, 0, bytes.length);
      System.out.flush();
    }
  }

  private static final class Lines implements Witness {
    @Override
    public void called() {
      say(CALLED);
    }

    @Override
    public void accepted(TaskActivation task, long calledNanos) {
      String text = Base64.getEncoder().encodeToString(task.toByteArray());
      say(ACCEPTED + " " + calledNanos + " " + text);
    }

    @Override
    public void worked(String id) {
      say(WORKED + " " + id);
    }

    @Override
    public void acknowledged(String id) {
      say(ACKNOWLEDGED + " " + id);
    }
  }
}
