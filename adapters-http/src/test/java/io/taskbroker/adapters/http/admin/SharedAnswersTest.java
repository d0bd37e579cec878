package io.taskbroker.adapters.http.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.http.admin.SharedAnswers.Question;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SharedAnswersTest {
  private static final Question WHY = new Question(AdminRole.VIEWER, "/api/v1/why", "");

  private final SettableTime time = new SettableTime();
  private final SharedAnswers shared = new SharedAnswers(Duration.ofMillis(250), time);
  private final AtomicInteger asked = new AtomicInteger();

  private byte[] count() {
    return Integer.toString(asked.incrementAndGet()).getBytes(UTF_8);
  }

  private String ask(Question question) {
    return new String(shared.answer(question, this::count), UTF_8);
  }

  @Test
  void theSameQuestion_isAnsweredOnceWithinAMoment() {
    assertThat(ask(WHY)).isEqualTo("1");
    time.advance(Duration.ofMillis(249));
    assertThat(ask(WHY)).isEqualTo("1");
    time.advance(Duration.ofMillis(1));
    assertThat(ask(WHY)).isEqualTo("2");
  }

  @Test
  void anotherQuestion_isAnsweredByItself() {
    assertThat(ask(WHY)).isEqualTo("1");
    assertThat(ask(new Question(AdminRole.OPERATOR, WHY.path(), ""))).isEqualTo("2");
    assertThat(ask(new Question(AdminRole.VIEWER, WHY.path(), "id=a"))).isEqualTo("3");
    assertThat(ask(new Question(AdminRole.VIEWER, "/api/v1/queues", ""))).isEqualTo("4");
    assertThat(ask(WHY)).isEqualTo("1");
  }

  @Test
  void afterAnOrder_nothingOfBeforeIsTold() {
    assertThat(ask(WHY)).isEqualTo("1");
    shared.clear();
    assertThat(ask(WHY)).isEqualTo("2");
  }

  @Test
  void aRefusal_isNotKept() {
    assertThatThrownBy(
            () ->
                shared.answer(
                    WHY,
                    () -> {
                      throw new Refusal(503, "away");
                    }))
        .isInstanceOf(Refusal.class);
    assertThat(ask(WHY)).isEqualTo("1");
  }

  @Test
  void aLargeAnswer_isNotKept_norAreMoreThanSome() {
    assertThat(shared.answer(WHY, () -> new byte[SharedAnswers.LARGEST_BYTES + 1])).isNotEmpty();
    assertThat(ask(WHY)).isEqualTo("1");
    for (int i = 0; i < SharedAnswers.MOST; i++) {
      ask(new Question(AdminRole.VIEWER, "/api/v1/task", "id=" + i));
    }
    assertThat(ask(WHY)).isEqualTo(Integer.toString(SharedAnswers.MOST + 2));
  }

  @Test
  void whereNothingIsShared_eachIsAnswered() {
    var none = new SharedAnswers(Duration.ZERO, time);
    none.answer(WHY, this::count);
    none.answer(WHY, this::count);
    assertThat(asked).hasValue(2);
  }

  @Test
  void whoeverComesWhileItIsAnswered_waitsForThatAnswer() throws Exception {
    assertThat(secondAsksWhileTheFirstIsAnswered(() -> "slow".getBytes(UTF_8))).isEqualTo("slow");
    assertThat(asked).hasValue(0);
  }

  /** The first one's refusal may name it, and be for it alone. */
  @Test
  void whoeverComesWhileItIsRefusedToAnother_isAnsweredByItself() throws Exception {
    assertThat(
            secondAsksWhileTheFirstIsAnswered(
                () -> {
                  throw new Refusal(403, "anna may not see arguments");
                }))
        .isEqualTo("1");
  }

  /**
   * @param ofTheFirst what answers the first one, once the second one waits for it
   * @return what the second one is answered
   */
  private String secondAsksWhileTheFirstIsAnswered(Supplier<byte[]> ofTheFirst) throws Exception {
    var begun = new CountDownLatch(1);
    var secondWaits = new CompletableFuture<Void>();
    Thread first =
        Thread.ofVirtual()
            .uncaughtExceptionHandler((thread, refusal) -> {})
            .start(
                () ->
                    shared.answer(
                        WHY,
                        () -> {
                          begun.countDown();
                          secondWaits.join();
                          return ofTheFirst.get();
                        }));
    begun.await();
    time.advance(Duration.ofSeconds(9)); // however long it takes
    var answer = new CompletableFuture<String>();
    Thread second = Thread.ofVirtual().start(() -> answer.complete(ask(WHY)));
    while (second.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    secondWaits.complete(null);
    first.join();
    second.join();
    return answer.join();
  }
}
