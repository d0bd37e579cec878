package io.taskbroker.application.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemoryFile;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A call of the file system that never returns, as with a network disk that is gone. */
@Timeout(60)
class HungDiskTest {
  private final HangingJournal journal = new HangingJournal();
  private final BrokerFixture broker = BrokerFixture.builder().journal(() -> journal).start();

  @AfterEach
  void close() {
    journal.hang = "";
    journal.back.countDown();
    broker.close();
  }

  private static final class HangingJournal extends ForwardingJournal {
    final CountDownLatch back = new CountDownLatch(1);
    volatile String hang = "";
    volatile boolean hangs;

    HangingJournal() {
      super(new InMemoryFile().open());
    }

    @Override
    public String place() {
      return "/data/store.sqlite";
    }

    @Override
    public void sync() {
      hangIn("sync");
      super.sync();
    }

    @Override
    public void apply(JournalGroup group, Durability durability) {
      hangIn("apply");
      super.apply(group, durability);
    }

    @Override
    public Optional<byte[]> largePayload(long key) {
      hangIn("largePayload");
      return super.largePayload(key);
    }

    private void hangIn(String call) {
      if (hang.equals(call)) {
        hangs = true;
        try {
          back.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  /** Whether there is a standstill besides that nobody asks for the task. */
  private boolean standsStill() {
    return broker.broker().stalls().current().keySet().stream()
        .anyMatch(what -> !what.equals("Application 'shop'"));
  }

  private void assertSaidWithin15Seconds(String thread) {
    broker.await("a call that hangs", () -> journal.hangs);
    broker.time().advance(Duration.ofSeconds(14));
    broker.await(
        "a line about " + thread,
        () -> broker.broker().stalls().current().containsKey("Thread " + thread));
    assertThat(broker.broker().stalls().current().get("Thread " + thread))
        .contains("/data/store.sqlite")
        .contains("does not answer");
    assertThat(broker.broker().health().isServing()).isFalse();

    journal.hang = "";
    journal.back.countDown();
    broker.await("an end of the standstill", () -> !standsStill());
    broker.await("all loops to be back", () -> broker.broker().health().whyNot().isEmpty());
  }

  @Test
  void aSyncThatHangs_isSaid_andIntakeWithIt() {
    journal.hang = "sync";
    broker.produce(Activations.pending("a"));
    broker.await("a sync that hangs", () -> journal.hangs);

    broker.time().advance(Duration.ofSeconds(14));
    broker.await(
        "a line about intake",
        () ->
            broker
                .broker()
                .stalls()
                .current()
                .containsKey("Thread intake-store-" + BrokerFixture.TOPIC));
    assertSaidWithin15Seconds("store-sync");
  }

  @Test
  void aWriteThatHangs_isSaid() {
    journal.hang = "apply";
    broker.produce(Activations.pending("a"));
    assertSaidWithin15Seconds("store-writer");
  }

  @Test
  void aLargePayloadThatHangs_isSaid() {
    broker.produce(Activations.pending("a").payload(new byte[100_000]));
    broker.await("the task", () -> broker.broker().vitals().depths().pending() == 1);
    journal.hang = "largePayload";
    var _ = Thread.startVirtualThread(broker::next);
    assertSaidWithin15Seconds("store-large-payloads");
  }

  @Test
  void threadsThatHaveNothingToDo_areMissedByNobody() {
    broker.time().advance(Duration.ofHours(1));
    broker.await("all loops to be back", () -> broker.broker().health().isServing());

    // a loop that rested while the hour passed may have been missed until it came back
    broker.await("nobody to be missed", () -> broker.broker().stalls().current().isEmpty());
  }
}
