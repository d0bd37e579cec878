package io.taskbroker.adapters.grpc;

import io.grpc.ManagedChannel;
import io.taskbroker.proto.exchange.v1.Answer;
import io.taskbroker.proto.exchange.v1.Attempt;
import io.taskbroker.proto.exchange.v1.BrokerFrame;
import io.taskbroker.proto.exchange.v1.Draining;
import io.taskbroker.proto.exchange.v1.HeldAttempt;
import io.taskbroker.proto.exchange.v1.Hello;
import io.taskbroker.proto.exchange.v1.Holding;
import io.taskbroker.proto.exchange.v1.Task;
import io.taskbroker.proto.exchange.v1.Verdict;
import io.taskbroker.proto.exchange.v1.WorkerFrame;
import io.taskbroker.testkit.broker.PlainTask;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * A worker that keeps to the rules of docs/protocol.md, by one stream after the other. A task whose
 * id begins with "back" it hands back the first time; for one that begins with "long" it asks for
 * more time.
 */
final class DiligentWorker {
  private static final int CREDIT = 2;
  private static final long BYTES = 1 << 20;

  /** The token of an attempt that no broker has handed out. */
  private static final long QUESTION = 1;

  /** What it has said of a task, and will say again until it is answered. */
  private enum Word {
    HANDED_BACK,
    EXTENDED,
    DONE
  }

  private record Said(String id, Word word) {}

  /** How often each task was begun, and how often an outcome of it was recorded. */
  final Map<String, Integer> begun = new TreeMap<>();

  final Map<String, Integer> recorded = new TreeMap<>();

  /** Tasks that are over for the broker, as it has said. */
  final Set<String> over = new TreeSet<>();

  private final Set<String> handedBack = new TreeSet<>();

  /** Attempts in hand, by token. */
  private final Map<Long, Said> inHand = new LinkedHashMap<>();

  /**
   * Works until {@code isAllDone} and it has nothing in hand, or until the stream breaks.
   *
   * @param whenIdle run when it has nothing in hand, and nothing is on its way to it
   * @return whether all is done
   */
  boolean work(ManagedChannel channel, BooleanSupplier isAllDone, Runnable whenIdle)
      throws InterruptedException {
    AttachedWorker stream = new AttachedWorker(channel, null);
    stream.hello(this::holding);
    boolean asked = false;
    while (!inHand.isEmpty() || !isAllDone.getAsBoolean()) {
      BrokerFrame frame = stream.nextOrEnd();
      if (frame == null) {
        return false;
      }
      boolean isAnswered = isAnswerToQuestion(frame);
      if (!isAnswered) {
        hear(frame, stream);
      }
      asked &= !isAnswered;
      if (inHand.isEmpty() && isAnswered) {
        whenIdle.run();
      }
      if (inHand.isEmpty() && !asked && !frame.hasChallenge() && !frame.hasWelcome()) {
        stream.complete("unknown", QUESTION); // its answer comes behind all that was sent before
        asked = true;
      }
    }
    stream.say(WorkerFrame.newBuilder().setDraining(Draining.getDefaultInstance()).build());
    stream.call.halfClose();
    stream.end();
    return true;
  }

  private static boolean isAnswerToQuestion(BrokerFrame frame) {
    return frame.getAnswers().getAnswersList().stream()
        .anyMatch(answer -> answer.getToken() == QUESTION);
  }

  private Hello.Builder holding(Hello.Builder hello) {
    inHand.forEach((token, said) -> hello.addHeld(attempt(said.id(), token)));
    return hello;
  }

  private static Attempt attempt(String id, long token) {
    return Attempt.newBuilder().setId(id).setToken(token).build();
  }

  private void hear(BrokerFrame frame, AttachedWorker stream) {
    switch (frame.getFrameCase()) {
      case HELD -> {
        frame.getHeld().getAttemptsList().forEach(held -> goOn(held, stream));
        stream.credit(CREDIT, BYTES);
      }
      case TASKS -> {
        List<Task> tasks = frame.getTasks().getTasksList();
        stream.received(tasks);
        tasks.forEach(task -> begin(task, stream));
      }
      case ANSWERS ->
          frame.getAnswers().getAnswersList().forEach(answer -> answered(answer, stream));
      case CHALLENGE, WELCOME, CANCEL, DRAINING, FRAME_NOT_SET -> {}
    }
  }

  private void goOn(HeldAttempt held, AttachedWorker stream) {
    Said said = inHand.get(held.getToken());
    if (said != null && held.getHolding() == Holding.HOLDING_YOURS) {
      say(held.getToken(), said, stream);
    } else if (said != null) {
      inHand.remove(held.getToken());
      if (held.getHolding() == Holding.HOLDING_OVER) {
        over.add(said.id());
      }
    }
  }

  private void begin(Task task, AttachedWorker stream) {
    String id = PlainTask.decode(task.getActivation().toByteArray()).orElseThrow().id();
    Word word = Word.DONE;
    if (id.startsWith("back") && handedBack.add(id)) {
      word = Word.HANDED_BACK;
    } else {
      begun.merge(id, 1, Integer::sum);
      word = id.startsWith("long") ? Word.EXTENDED : Word.DONE;
    }
    say(task.getToken(), new Said(id, word), stream);
  }

  private void say(long token, Said said, AttachedWorker stream) {
    inHand.put(token, said);
    switch (said.word()) {
      case HANDED_BACK -> stream.handBack(said.id(), token);
      case EXTENDED -> stream.extend(said.id(), token);
      case DONE -> stream.complete(said.id(), token);
    }
  }

  private void answered(Answer answer, AttachedWorker stream) {
    Said said = inHand.get(answer.getToken());
    if (said == null) {
      return;
    }
    if (answer.getVerdict() == Verdict.VERDICT_NOT_NOW) {
      say(answer.getToken(), said, stream);
      return;
    }
    boolean isRecorded = answer.getVerdict() == Verdict.VERDICT_RECORDED;
    if (said.word() == Word.EXTENDED && isRecorded) {
      say(answer.getToken(), new Said(said.id(), Word.DONE), stream);
      return;
    }
    inHand.remove(answer.getToken());
    stream.credit(1, BYTES);
    if (said.word() == Word.DONE && isRecorded) {
      recorded.merge(said.id(), 1, Integer::sum);
    }
    if (answer.getVerdict() == Verdict.VERDICT_ALREADY_OVER
        || (said.word() == Word.DONE && isRecorded)) {
      over.add(said.id());
    }
  }
}
