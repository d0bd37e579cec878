package io.taskbroker.bootstrap;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Conclusion;
import org.junit.jupiter.api.Test;

/** The commands that pause and drain. */
class HoldCommandsTest extends OperatorsTerminal {
  @Test
  void aPause_isADryRunWithoutYes_andEndsWithResume() {
    produce(pending("a").application("shop"), far("b").application("shop"));

    assertThat(run("pause", "--application", "shop")).isZero();
    assertThat(out.toString()).contains("Now 2 stored tasks wait").doesNotContain("Did you mean");
    assertThat(run("pause")).isZero();
    assertThat(out.toString()).contains("Nothing is paused.");

    assertThat(run("pause", "--application", "shop", "--reason", "a deploy", "--yes")).isZero();
    assertThat(out.toString())
        .contains("Paused: application 'shop'; by local")
        .contains("until somebody resumes it; because: a deploy");
    assertThat(broker.next()).isEmpty();
    assertThat(run("resume")).isEqualTo(1);
    assertThat(out.toString()).contains("Paused: application 'shop'", "Nothing was resumed. Say");
    assertThat(run("resume", "--application", "bank")).isEqualTo(1);
    assertThat(err.toString()).contains("No pause of exactly these names is in force");
    assertThat(run("resume", "--application", "shop")).isZero();
    assertThat(broker.take().claim().activation().id()).isEqualTo("a");
    assertThat(run("pause", "--application", "shop", "--for", "10m", "--yes")).isZero();
    assertThat(out.toString()).contains("until 2026-03-02T12:10:00Z");
  }

  @Test
  void aPauseOfANameThatNothingHas_isMade_withAGuessAtWhatWasMeant() {
    produce(pending("a").application("mine"));

    assertThat(run("pause", "--application", "mien", "--yes")).isZero();

    assertThat(out.toString())
        .contains("Paused: application 'mien'")
        .contains("No task that is stored has the application 'mien'. Did you mean 'mine'?");
    assertThat(run("resume", "--application", "mien")).isZero();
    assertThat(run("resume")).isEqualTo(1);
    assertThat(out.toString()).contains("Nothing is paused.");
  }

  @Test
  void aDrain_isADryRunWithoutYes_isWaitedFor_andEnds() {
    produce(pending("a"), far("b"));

    assertThat(run("drain")).isZero();
    assertThat(out.toString())
        .contains("does not drain. 1 task waits in it, 0 are with workers, 1 is delayed");
    assertThat(broker.broker().draining().sight()).isEmpty();
    assertThat(run("drain", "--end")).isEqualTo(1);
    assertThat(err.toString()).contains("This broker does not drain");

    assertThat(run("drain", "--yes", "--reason", "a deploy")).isZero();
    assertThat(out.toString())
        .contains("Draining: 1 waits for a worker; 1 is delayed", "ordered by local at")
        .contains("because: a deploy");
    assertThat(run("drain", "--wait-seconds", "1")).isEqualTo(1);
    assertThat(run("status")).isZero();
    assertThat(out.toString()).contains("ready", "Draining: 1 waits");
    broker.report(broker.take(), Conclusion.COMPLETE);
    run("cancel", "b");
    assertThat(run("drain", "--wait-seconds", "60")).isZero();
    assertThat(out.toString()).contains("Drained: nothing is stored, and no topic is read");
    assertThat(run("status")).isEqualTo(1);
    assertThat(out.toString()).contains("not ready, drained");

    assertThat(run("drain", "--end", "--reason", "deployed")).isZero();
    assertThat(out.toString()).contains("Tasks are taken in again");
    produce(pending("c"));
  }

  @Test
  void aDrainThatEndsInAnExit_saysSo_andWordsThatContradictAreRefused() {
    produce(far("a"));

    assertThat(run("drain", "--yes", "--exit-when-empty")).isZero();

    assertThat(out.toString()).contains("; it exits when empty");
    assertThat(broker.broker().draining().exit().toCompletableFuture()).isNotDone();
    run("cancel", "a");
    broker.await("the exit", broker.broker().draining().exit().toCompletableFuture()::isDone);
    assertThat(run("drain", "--exit-when-empty")).isEqualTo(2);
    assertThat(run("drain", "--yes", "--exit-when-empty", "--wait-seconds", "5")).isEqualTo(2);
    assertThat(run("drain", "--end", "--yes")).isEqualTo(2);
    assertThat(run("drain", "--wait-seconds", "-1")).isEqualTo(2);
  }
}
