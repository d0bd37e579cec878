package io.taskbroker.application.intake;

import static io.taskbroker.application.intake.IntakeUnderTest.record;
import static io.taskbroker.testkit.Activations.ORIGIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.StoreException;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.PlainCodec;
import io.taskbroker.testkit.store.ModelStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What becomes of rows that a store cannot write, each by itself. */
class RefusedRowsTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);
  private static final String DEAD_LETTERS = "dlq";

  private final SettableTime time = new SettableTime();
  private final ModelStore store = new ModelStore(ENGINE, time);
  private final IntakeUnderTest under =
      new IntakeUnderTest(new PlainCodec(), new ChoosyStore(store), time);

  private void takeThree() {
    under.intake.accept(
        IntStream.range(0, 3)
            .mapToObj(i -> record(Activations.pending("task-" + i), ORIGIN, i))
            .toList());
  }

  @Test
  void oneThatCannotBeStored_goesToTheDeadLetterTopic_andItsNeighboursAreStored() {
    try (under) {
      takeThree();
      under.awaitStored(2);
      awaitCommittable(3);

      assertThat(store.depths().pending()).isEqualTo(2);
      assertThat(letters())
          .singleElement()
          .satisfies(
              letter -> {
                assertThat(header(letter, DeadLetterHeaders.REASON))
                    .contains("an impossible value");
                assertThat(header(letter, DeadLetterHeaders.LAST_ERROR))
                    .contains("an impossible value");
                assertThat(header(letter, DeadLetterHeaders.ATTEMPTS)).isEqualTo("0");
                assertThat(header(letter, DeadLetterHeaders.FIRST_TIME)).isNotEmpty();
                assertThat(header(letter, DeadLetterHeaders.LAST_TIME)).isNotEmpty();
                assertThat(header(letter, DeadLetterHeaders.SOURCE_TOPIC))
                    .isEqualTo(ORIGIN.topic());
                assertThat(header(letter, DeadLetterHeaders.SOURCE_OFFSET)).isEqualTo("1");
                assertThat(letter.value())
                    .isEqualTo(record(Activations.pending("task-1"), ORIGIN, 1).value());
              });
    }
  }

  @Test
  void untilTheLetterIsInKafka_nothingIsCommitted_andALineSaysWhy() {
    under.publisher.refuse(DEAD_LETTERS, "Kafka is away");
    try (under) {
      takeThree();
      awaitStall();

      assertThat(under.intake.committable()).isEmpty();
      assertThat(under.stalls.current().values())
          .singleElement()
          .asString()
          .contains("record 1 of", "an impossible value", "Kafka is away");

      under.publisher.accept(DEAD_LETTERS);
      awaitCommittable(3);
      assertThat(letters()).hasSize(1);
    }
  }

  @Test
  void aLetterTooLargeForKafka_goesWithoutItsContent() {
    under.publisher.limitRecords(1);
    try (under) {
      takeThree();
      awaitCommittable(3);

      assertThat(letters())
          .singleElement()
          .satisfies(letter -> assertThat(letter.value()).isEmpty());
    }
  }

  @Test
  void aLetterThatItsTopicRefuses_keepsItsContent_andIsTriedAgain() {
    under.publisher.refuseContent(DEAD_LETTERS, "the policy says no");
    try (under) {
      takeThree();
      awaitStall();
      assertThat(under.stalls.current().values())
          .singleElement()
          .asString()
          .contains("record 1 of", "the policy says no");
      assertThat(letters()).isEmpty();

      under.publisher.accept(DEAD_LETTERS);
      awaitCommittable(3);
      assertThat(letters())
          .singleElement()
          .satisfies(
              letter ->
                  assertThat(letter.value())
                      .isEqualTo(record(Activations.pending("task-1"), ORIGIN, 1).value()));
    }
  }

  private List<SourceRecord> letters() {
    return under.topics.records(DEAD_LETTERS);
  }

  private static String header(SourceRecord letter, String name) {
    return letter.headers().stream()
        .filter(header -> header.name().equals(name) && header.value() != null)
        .map(header -> new String(header.value(), StandardCharsets.UTF_8))
        .findFirst()
        .orElse("");
  }

  private void awaitCommittable(long position) {
    await(
        "position " + position,
        () -> position == under.intake.committable().getOrDefault(ORIGIN, -1L));
  }

  private void awaitStall() {
    await("a stall", () -> !under.stalls.current().isEmpty());
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited in vain for " + what).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  /** Takes all rows but those of one id. */
  private static final class ChoosyStore extends ForwardingIntakeStore {
    ChoosyStore(IntakeStore store) {
      super(store);
    }

    @Override
    public int add(List<NewActivation> batch, AssignmentEpoch epoch) {
      List<NewActivation> good = new ArrayList<>();
      Map<Integer, String> refused = new TreeMap<>();
      for (int i = 0; i < batch.size(); i++) {
        if (batch.get(i).activation().id().equals("task-1")) {
          refused.put(i, "an impossible value");
        } else {
          good.add(batch.get(i));
        }
      }
      int added = super.add(good, epoch);
      if (!refused.isEmpty()) {
        throw new StoreException.RefusedRows(added, refused);
      }
      return added;
    }
  }
}
