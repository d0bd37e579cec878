package io.taskbroker.application.broker;

import static io.taskbroker.testkit.broker.BrokerFixture.DEAD_LETTERS;
import static io.taskbroker.testkit.broker.BrokerFixture.TOPIC;
import static io.taskbroker.testkit.rules.InMemoryRules.LONG_TOPIC;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.journal.CrampedJournal;
import io.taskbroker.testkit.journal.CrampedJournal.Room;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What Kafka has, or may have, does not go there again, whatever the disk does. */
class LeavingOnceTest {
  private static final int TASKS = 1_000;
  private static final int TURNS = 20;

  private final CrampedJournal journal = new CrampedJournal();
  private final BrokerFixture broker = BrokerFixture.builder().journal(() -> journal).start();

  @AfterEach
  void close() {
    journal.leave(Room.ENOUGH);
    broker.close();
  }

  private int copies(String topic) {
    return broker.topics().records(topic).size();
  }

  /** Lets a pause of the relay end if what is waited for is not yet so. */
  private boolean later(boolean isSo) {
    if (!isSo) {
      broker.time().advance(Duration.ofMillis(100));
    }
    return isSo;
  }

  private static Rules demoting(String namespace) {
    return new Rules(KillSwitch.OFF, new Demotion(Set.of(namespace), null, null));
  }

  /** Lets the loops, which rest for two milliseconds of the real clock, take some turns. */
  private void letSomeTurnsPass() {
    for (int i = 0; i < TURNS; i++) {
      long before = System.identityHashCode(broker.lastPass());
      broker.await("a pass", () -> System.identityHashCode(broker.lastPass()) != before);
      broker.time().advance(Duration.ofMillis(100));
    }
  }

  @Test
  @DisplayName("Ours: dead letters that Kafka has acknowledged are not repeated on a full disk")
  void failedTasksOnAFullDisk_areDeadLetteredOnceEach() {
    broker.publisher().hold(DEAD_LETTERS);
    broker.produce(
        IntStream.range(0, TASKS)
            .mapToObj(i -> Activations.pending("t" + i).deadLettered())
            .toArray(Activations[]::new));
    List<Delivered> tasks = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      tasks.add(broker.take());
    }
    tasks.forEach(task -> broker.report(task, Conclusion.FAILURE));
    broker.await("nothing is left to be written", journal::knowsCommits);
    journal.leave(Room.NONE);

    broker.publisher().accept(DEAD_LETTERS);
    broker.await("some to leave", () -> copies(DEAD_LETTERS) > 0);
    letSomeTurnsPass();
    assertThat(copies(DEAD_LETTERS)).isLessThanOrEqualTo(TASKS);

    journal.leave(Room.ENOUGH);
    broker.await("all to leave", () -> copies(DEAD_LETTERS) >= TASKS);
    broker.await("all to be over", () -> broker.broker().vitals().depths().outbox() == 0);
    assertThat(copies(DEAD_LETTERS)).isEqualTo(TASKS);
  }

  @Test
  void aRetryOnAFullDisk_leavesOnce_andRunsOnce() {
    broker.produce(Activations.pending("a"));
    Delivered task = broker.take();
    broker.publisher().hold(TOPIC);
    broker.report(task, Conclusion.RETRY);
    broker.await("nothing is left to be written", journal::knowsCommits);
    journal.leave(Room.NONE);
    broker.publisher().accept(TOPIC);
    letSomeTurnsPass();
    journal.leave(Room.ENOUGH);
    broker.await("the store to write again", () -> broker.broker().health().isServing());

    broker.report(broker.take(), Conclusion.COMPLETE);

    broker.await("all to be over", () -> broker.broker().vitals().depths().unfinished() == 0);
    assertThat(copies(TOPIC)).isEqualTo(2); // the task itself and its retry
    assertThat(broker.next()).isEmpty();
  }

  @Test
  @DisplayName("Ours: an at-most-once demotion with a lost answer leaves once and does not return")
  void anAtMostOnceDemotionWhoseAnswerIsLost_hasFailed() {
    broker.rules().set(demoting("orders"));
    broker.publisher().loseAnswers(LONG_TOPIC);

    broker.produce(Activations.pending("once").atMostOnce().deadLettered());

    broker.await("its dead letter", () -> copies(DEAD_LETTERS) == 1);
    broker.rules().set(Rules.NONE);
    for (int i = 0; i < 3; i++) {
      broker.time().advance(Duration.ofMinutes(61));
      letSomeTurnsPass();
    }
    assertThat(copies(LONG_TOPIC)).isEqualTo(1);
    assertThat(broker.next()).isEmpty();
    assertThat(header(DeadLetterHeaders.REASON)).contains("nobody knows", "demoted namespaces");
    assertThat(header(DeadLetterHeaders.LAST_ERROR)).isEqualTo("the answer was lost");
  }

  @Test
  void anAtMostOnceRetryWhoseAnswerIsLost_hasFailed() {
    broker.produce(Activations.pending("once").atMostOnce().deadLettered());
    Delivered task = broker.take();
    broker.publisher().loseAnswers(TOPIC);

    broker.report(task, Conclusion.RETRY);

    broker.await("its dead letter", () -> copies(DEAD_LETTERS) == 1);
    letSomeTurnsPass();
    assertThat(copies(TOPIC)).isEqualTo(2); // the task itself and one retry
    assertThat(header(DeadLetterHeaders.REASON)).contains("nobody knows", "its retry");
    assertThat(header(DeadLetterHeaders.ATTEMPTS)).isEqualTo("1");
  }

  @Test
  void anAtMostOnceDeadLetterWhoseAnswerIsLost_isRepeated() {
    broker.produce(Activations.pending("once").atMostOnce().deadLettered());
    Delivered task = broker.take();
    broker.publisher().loseAnswers(DEAD_LETTERS);
    broker.report(task, Conclusion.FAILURE);
    broker.await("it to leave", () -> copies(DEAD_LETTERS) == 1);

    broker.await("it to leave again", () -> later(copies(DEAD_LETTERS) > 1));
    broker.publisher().accept(DEAD_LETTERS);

    broker.await("it to be over", () -> later(broker.broker().vitals().depths().unfinished() == 0));
  }

  private String header(String name) {
    return broker.topics().records(DEAD_LETTERS).getFirst().headers().stream()
        .filter(header -> header.name().equals(name))
        .map(header -> new String(header.value(), UTF_8))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no header " + name));
  }
}
