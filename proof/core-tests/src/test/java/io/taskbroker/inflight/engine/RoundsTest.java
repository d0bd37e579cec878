package io.taskbroker.inflight.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.attempt.Token;
import java.util.Collections;
import java.util.HashSet;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private static final long CLOCK = 1_771_000_000_123L;

  private Rounds rounds = begun(CLOCK);

  private static Rounds begun(long clock) {
    Rounds rounds = new Rounds();
    rounds.begin(clock);
    return rounds;
  }

  @Test
  void rowsOfOneGroupShareARound() {
    long first = rounds.next(7);
    long second = rounds.next(8);

    assertThat(first).isNotEqualTo(second);
    assertThat(Token.roundOf(first)).isEqualTo(Token.roundOf(second)).isGreaterThan(CLOCK);
    rounds.settle();
    assertThat(Token.roundOf(rounds.next(7))).isEqualTo(Token.roundOf(first) + 1);
  }

  @Test
  void rowsThatWouldShareATokenTakeAnotherRound() {
    Set<Long> tokens = new HashSet<>();
    for (long key : new long[] {1, 1 + Token.slots(), 1, 1 + 5L * Token.slots(), Long.MAX_VALUE}) {
      tokens.add(rounds.next(key));
    }

    assertThat(tokens).hasSize(5);
  }

  @Test
  void aTokenIsMadeOfItsRoundAndItsKey_alsoAtTheEnds() {
    long last = (1L << 47) - 1;

    for (long key : new long[] {1, 65_535, 65_536, Long.MAX_VALUE}) {
      long token = Token.of(last, key);
      assertThat(Token.roundOf(token)).isEqualTo(last);
      assertThat(token).isPositive().isEqualTo(Token.of(Token.roundOf(token), key));
    }
    assertThat(Token.of(0, 7)).isEqualTo(Token.NONE);
    assertThat(Token.roundOf(Token.NONE)).isZero();
  }

  @Test
  void aBlockIsReservedWithTheFirstHandOut_andNotWithTheNext() {
    assertThat(rounds.change()).isNull();
    rounds.next(1);
    StandingOrder order = rounds.change();
    assertThat(order).isNotNull();
    rounds.settle();
    for (int i = 0; i < 1_000; i++) {
      rounds.next(1);
      assertThat(rounds.change()).isNull();
      rounds.settle();
    }
  }

  @Test
  void aBlockThatIsReservedAhead_isAllThatTheNextHandOutsNeed() {
    assertThat(rounds.areFew()).isTrue();
    rounds.reserve();
    assertThat(rounds.change()).isNotNull();
    rounds.settle();

    assertThat(rounds.areFew()).isFalse();
    rounds.next(1);
    assertThat(rounds.change()).isNull();
  }

  @Test
  void aReservationThatWasNotWritten_isNone() {
    rounds.reserve();
    rounds.undo();

    assertThat(rounds.areFew()).isTrue();
    rounds.next(1);
    assertThat(rounds.change()).isNotNull();
  }

  @Test
  void roundsAreFewBeforeTheyAreUsedUp_andTheNextBlockBeginsWhereTheLastOneEnds() {
    rounds.reserve();
    long end = end();
    rounds.settle();

    rounds.used(end - Rounds.FEW - 1);
    assertThat(rounds.areFew()).isFalse();
    rounds.used(end - Rounds.FEW);
    assertThat(rounds.areFew()).isTrue();

    rounds.reserve();
    assertThat(end()).isEqualTo(end + Rounds.BLOCK);
  }

  private long end() {
    return Long.parseLong(Objects.requireNonNull(Objects.requireNonNull(rounds.change()).text()));
  }

  /** Also one whose clock is wrong. */
  @Test
  void theNextProcessBeginsBehindTheBlock() {
    long before = rounds.next(1);
    StandingOrder order = Objects.requireNonNull(rounds.change());
    rounds.settle();

    Rounds next = begun(0);
    next.restore(order.name(), Objects.requireNonNull(order.text()));

    assertThat(Token.roundOf(next.next(1)))
        .isGreaterThanOrEqualTo(Token.roundOf(before) + Rounds.BLOCK);
  }

  @Test
  void aProcessWithoutTheOrderBeginsBehindWhatRowsBear() {
    Rounds next = begun(0);
    next.restore("something else", "9");
    next.restore("rounds", "not a number");
    next.used(1_234_567);

    assertThat(Token.roundOf(next.next(1))).isGreaterThan(1_234_567);
  }

  @Test
  void theTokensOfAGroupThatWasNotWrittenAreGivenAgain() {
    long undone = rounds.next(1);
    rounds.undo();

    assertThat(rounds.next(1)).isEqualTo(undone);
    assertThat(rounds.change()).isNotNull();
  }

  @Test
  void noTokenIsGivenTwice_whateverGroupsAreWritten() {
    Random random = new Random(5);
    Set<Long> tokens = new HashSet<>();
    int given = 0;
    for (int group = 0; group < 2_000; group++) {
      Set<Long> ofGroup = new HashSet<>();
      int rows = random.nextInt(40);
      for (int i = 0; i < rows; i++) {
        assertThat(ofGroup.add(rounds.next(random.nextLong(1L << 40)))).isTrue();
      }
      if (random.nextInt(5) == 0) {
        rounds.undo();
        continue;
      }
      rounds.settle();
      tokens.addAll(ofGroup);
      given += rows;
    }
    assertThat(tokens).hasSize(given);
  }

  /** A power cut takes no standing order back, and may take rows with their rounds. */
  @Test
  void noTokenIsGivenTwice_whateverIsReservedAhead_andWheneverTheProcessEnds() {
    Random random = new Random(6);
    Set<Long> tokens = new HashSet<>();
    @Nullable StandingOrder written = null;
    for (int step = 0; step < 5_000; step++) {
      int given = random.nextInt(3);
      Set<Long> ofGroup = new HashSet<>();
      for (int i = 0; i < given; i++) {
        ofGroup.add(rounds.next(7));
      }
      if (random.nextInt(3) == 0) {
        rounds.reserve();
      }
      StandingOrder order = rounds.change();
      if (random.nextInt(4) == 0) {
        rounds.undo();
      } else {
        rounds.settle();
        written = order == null ? written : order;
        assertThat(Collections.disjoint(ofGroup, tokens)).as("step %d", step).isTrue();
        tokens.addAll(ofGroup);
      }
      if (random.nextInt(50) == 0) {
        rounds = begun(0);
        if (written != null) {
          rounds.restore(written.name(), Objects.requireNonNull(written.text()));
        }
      }
    }
    assertThat(tokens).hasSizeGreaterThan(3_000);
  }
}
