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
    var begun = new CountDownLatch(1);
    var go = new CompletableFuture<byte[]>();
    var first = new CompletableFuture<byte[]>();
    var second = new CompletableFuture<byte[]>();
    Thread asking =
        Thread.ofVirtual()
            .start(
                () ->
                    first.complete(
                        shared.answer(
                            WHY,
                            () -> {
                              begun.countDown();
                              return go.join();
                            })));
    begun.await();
    time.advance(Duration.ofSeconds(9)); // however long it takes
    Thread waiting =
        Thread.ofVirtual().start(() -> second.complete(shared.answer(WHY, this::count)));
    while (waiting.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }

    go.complete("slow".getBytes(UTF_8));

    assertThat(first.join()).isEqualTo("slow".getBytes(UTF_8));
    assertThat(second.join()).isEqualTo(first.join());
    assertThat(asked).hasValue(0);
    asking.join();
    waiting.join();
  }
}
