package io.taskbroker.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class LifecycleTest {
  /** Everything with an end ends here; the clocks stand at different numbers. */
  private static final Moment END = new Moment(1_000_000, 5_000);

  private static final Moment ONE_LATER = END.plusMs(1);

  private static final Pattern SPACES = Pattern.compile(" +");

  private static final Moment NEW = new Moment(9_000_000, 9_000);

  private static final Map<String, ActivationState> STATES = states();

  private static final Map<String, Function<ActivationState, Transition>> EVENTS = events();

  /** */
  private static final String TABLE =
      """
      event                       | Delay    Pending    Push       Demotion   Processing Retry    Failure  Complete
      delay over                  | Pending  -          -          -          -          -        -        -
      last millisecond of delay   | -        -          -          -          -          -        -        -
      pull                        | -        Processing -          -          -          -        -        -
      claim for push              | -        Claimed    -          -          -          -        -        -
      claim for demotion          | -        Claimed    -          -          -          -        -        -
      accepted                    | -        -          Processing -          -          -        -        -
      handed late                 | -        -          -          -          Processing -        -        -
      extended                    | -        -          Processing -          Processing -        -        -
      release                     | -        -          Pending    Pending    Pending    -        -        -
      lease over                  | -        -          Pending    Pending    -          -        -        -
      lease over, at most once    | -        -          Failure    Pending    -          -        -        -
      last millisecond of lease   | -        -          -          -          -          -        -        -
      deadline over               | -        -          -          -          Pending    -        -        -
      deadline over, at most once | -        -          -          -          Failure    -        -        -
      last millisecond of deadline| -        -          -          -          -          -        -        -
      report COMPLETE             | Complete Complete   Complete   Complete   Complete   -        -        -
      report FAILURE              | Failure  Failure    Failure    Failure    Failure    -        -        -
      report RETRY                | Retry    Retry      Retry      Retry      Retry      -        -        -
      attempts used up            | -        Failure    -          -          -          -        -        -
      an attempt left             | -        -          -          -          -          -        -        -
      expired                     | -        Complete   -          -          -          -        -        -
      last millisecond to begin   | -        -          -          -          -          -        -        -
      never expires               | -        -          -          -          -          -        -        -
      discard, wished             | -        -          -          -          -          -        Complete -
      discard, nothing said       | -        -          -          -          -          -        Complete -
      discard, dead letter wished | -        -          -          -          -          -        -        -
      published                   | -        -          -          Complete   -          Complete Complete -
      departure uncertain         | -        -          -          Failure    -          Failure  -        -
      undeliverable               | -        -          Complete   -          Complete   -        -        -
      dropped by a rule           | Complete Complete   Complete   Complete   Complete   Complete Complete -
      overtaken                   | Failure  Failure    -          Failure    -          -        -        -
      ended                       | Complete Complete   Complete   Complete   Complete   Complete Complete -
      ended, at most once         | Complete Complete   -          Complete   -          Complete Complete -
      run now                     | Pending  -          -          -          -          -        -        -
      given back                  | -        -          Pending    -          Pending    -        -        -
      given back, at most once    | -        -          -          -          -          -        -        -
      requeued                    | -        -          -          -          -          -        Pending  -
      requeued, at most once      | -        -          -          -          -          -        -        -
      """;

  private static Map<String, ActivationState> states() {
    Map<String, ActivationState> states = new LinkedHashMap<>();
    states.put("Delay", new Delayed(END.wallMs()));
    states.put("Pending", Pending.STATE);
    states.put("Push", new Claimed(END, ClaimPurpose.PUSH));
    states.put("Demotion", new Claimed(END, ClaimPurpose.DEMOTION));
    states.put("Processing", new Processing(END));
    states.put("Retry", AwaitingRetry.STATE);
    states.put("Failure", Failed.STATE);
    states.put("Complete", Completed.STATE);
    return states;
  }

  private static Map<String, Function<ActivationState, Transition>> events() {
    Delivery often = Delivery.AT_LEAST_ONCE;
    Delivery once = Delivery.AT_MOST_ONCE;
    long end = END.wallMs();
    Map<String, Function<ActivationState, Transition>> events = new LinkedHashMap<>();
    events.put("delay over", from -> Lifecycle.delayElapsed(from, end + 1));
    events.put("last millisecond of delay", from -> Lifecycle.delayElapsed(from, end));
    events.put("pull", from -> Lifecycle.pull(from, NEW));
    events.put("claim for push", from -> Lifecycle.claim(from, NEW, ClaimPurpose.PUSH));
    events.put("claim for demotion", from -> Lifecycle.claim(from, NEW, ClaimPurpose.DEMOTION));
    events.put("accepted", from -> Lifecycle.accepted(from, NEW));
    events.put("handed late", from -> Lifecycle.handedLate(from, NEW));
    events.put("extended", from -> Lifecycle.extend(from, NEW));
    events.put("release", Lifecycle::release);
    events.put("lease over", from -> Lifecycle.leaseOver(from, ONE_LATER, often));
    events.put("lease over, at most once", from -> Lifecycle.leaseOver(from, ONE_LATER, once));
    events.put("last millisecond of lease", from -> Lifecycle.leaseOver(from, END, once));
    events.put("deadline over", from -> Lifecycle.deadlineMissed(from, ONE_LATER, often));
    events.put(
        "deadline over, at most once", from -> Lifecycle.deadlineMissed(from, ONE_LATER, once));
    events.put("last millisecond of deadline", from -> Lifecycle.deadlineMissed(from, END, often));
    events.put("report COMPLETE", from -> Lifecycle.conclude(from, Conclusion.COMPLETE));
    events.put("report FAILURE", from -> Lifecycle.conclude(from, Conclusion.FAILURE));
    events.put("report RETRY", from -> Lifecycle.conclude(from, Conclusion.RETRY));
    events.put("attempts used up", from -> Lifecycle.attemptsExceeded(from, 3, 3));
    events.put("an attempt left", from -> Lifecycle.attemptsExceeded(from, 2, 3));
    events.put("expired", from -> Lifecycle.expired(from, end, end + 1));
    events.put("last millisecond to begin", from -> Lifecycle.expired(from, end, end));
    events.put("never expires", from -> Lifecycle.expired(from, null, Long.MAX_VALUE));
    events.put("discard, wished", from -> Lifecycle.discard(from, OnAttemptsExceeded.DISCARD));
    events.put(
        "discard, nothing said", from -> Lifecycle.discard(from, OnAttemptsExceeded.UNSPECIFIED));
    events.put(
        "discard, dead letter wished",
        from -> Lifecycle.discard(from, OnAttemptsExceeded.DEAD_LETTER));
    events.put("published", Lifecycle::published);
    events.put("departure uncertain", Lifecycle::departureUncertain);
    events.put("undeliverable", Lifecycle::undeliverable);
    events.put("dropped by a rule", Lifecycle::drop);
    events.put("overtaken", Lifecycle::overtaken);
    events.put("ended", from -> Lifecycle.end(from, often));
    events.put("ended, at most once", from -> Lifecycle.end(from, once));
    events.put("run now", Lifecycle::runNow);
    events.put("given back", from -> Lifecycle.giveBack(from, often));
    events.put("given back, at most once", from -> Lifecycle.giveBack(from, once));
    events.put("requeued", from -> Lifecycle.requeue(from, often));
    events.put("requeued, at most once", from -> Lifecycle.requeue(from, once));
    return events;
  }

  @TestFactory
  Stream<DynamicTest> eachEventLeadsFromEachStateWhereTheTableSays() {
    List<DynamicTest> tests = new ArrayList<>();
    Set<String> told = new HashSet<>();
    for (String line : TABLE.lines().skip(1).toList()) {
      int bar = line.indexOf('|');
      String event = line.substring(0, bar).strip();
      List<String> cells = SPACES.splitAsStream(line.substring(bar + 1).strip()).toList();
      told.add(event);
      List<String> names = List.copyOf(STATES.keySet());
      for (int i = 0; i < names.size(); i++) {
        String state = names.get(i);
        String expected = cells.get(i);
        tests.add(
            dynamicTest(
                event + ", " + state, () -> assertThat(after(event, state)).isEqualTo(expected)));
      }
    }
    assertThat(told).isEqualTo(EVENTS.keySet());
    return tests.stream();
  }

  private static String after(String event, String state) {
    Function<ActivationState, Transition> play = EVENTS.get(event);
    ActivationState from = STATES.get(state);
    if (play == null || from == null) {
      throw new AssertionError("no event '" + event + "', or no state '" + state + "'");
    }
    return switch (play.apply(from)) {
      case Transition.Moved(ActivationState to) -> to.status().text();
      case Transition.Ignored _ -> "-";
    };
  }

  @Test
  void arriving_isDelayedUntilTheLastMillisecondOfItsDelay() {
    assertThat(Lifecycle.arrive(null, 5)).isEqualTo(Pending.STATE);
    assertThat(Lifecycle.arrive(4L, 5)).isEqualTo(Pending.STATE);
    assertThat(Lifecycle.arrive(5L, 5)).isEqualTo(new Delayed(5));
    assertThat(Lifecycle.arrive(Long.MAX_VALUE, 5)).isEqualTo(new Delayed(Long.MAX_VALUE));
  }

  @Test
  void arriving_inADemotedNamespaceIsClaimedAtOnce() {
    assertThat(Lifecycle.demote(END)).isEqualTo(new Claimed(END, ClaimPurpose.DEMOTION));
  }

  @Test
  void aStateThatIsEntered_carriesItsEnd() {
    assertThat(Lifecycle.pull(Pending.STATE, NEW))
        .isEqualTo(new Transition.Moved(new Processing(NEW)));
    assertThat(Lifecycle.claim(Pending.STATE, NEW, ClaimPurpose.DEMOTION))
        .isEqualTo(new Transition.Moved(new Claimed(NEW, ClaimPurpose.DEMOTION)));
    assertThat(Lifecycle.accepted(new Claimed(END, ClaimPurpose.PUSH), NEW))
        .isEqualTo(new Transition.Moved(new Processing(NEW)));
  }

  @Test
  void deadlinesAndLeases_areJudgedByTheMonotonicClockAlone() {
    Moment steppedForward = new Moment(END.wallMs() + 3_600_000, END.monotonicMs());
    Moment steppedBack = new Moment(END.wallMs() - 3_600_000, END.monotonicMs() + 1);
    Claimed claimed = new Claimed(END, ClaimPurpose.PUSH);
    Delivery often = Delivery.AT_LEAST_ONCE;

    assertThat(Lifecycle.deadlineMissed(new Processing(END), steppedForward, often))
        .isInstanceOf(Transition.Ignored.class);
    assertThat(Lifecycle.deadlineMissed(new Processing(END), steppedBack, often))
        .isInstanceOf(Transition.Moved.class);
    assertThat(Lifecycle.leaseOver(claimed, steppedForward, often))
        .isInstanceOf(Transition.Ignored.class);
    assertThat(Lifecycle.leaseOver(claimed, steppedBack, often))
        .isInstanceOf(Transition.Moved.class);
  }
}
