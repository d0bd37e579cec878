package io.taskbroker.bootstrap;

import static io.taskbroker.testkit.Activations.pending;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.broker.PlainTask;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The commands about what Kafka has refused, and about dead letters. */
class RefusedCommandsTest extends OperatorsTerminal {
  @Test
  void parkedRows_ofARunningBroker_areShown_retriedAndDropped() {
    broker.publisher().refuseContent(BrokerFixture.DEAD_LETTERS, "too large");
    produce(
        pending("a").deadLettered(),
        pending("b\u001b[31m").deadLettered(),
        pending("c").deadLettered());
    for (int i = 0; i < 3; i++) {
      broker.report(broker.take(), Conclusion.FAILURE);
    }
    broker.await("them to be parked", () -> broker.broker().vitals().depths().parked() == 3);

    assertThat(run("parked", "list")).isZero();
    assertThat(out.toString())
        .contains("a\n  dead letter of ", "too large\n", "b\\u001b[31m\n")
        .endsWith("3 parked\n")
        .doesNotContain("\u001b");
    assertThat(run("parked", "drop", "a", "--reason", "not wanted")).isZero();
    assertThat(out.toString()).contains("('a'): drop, done");
    assertThat(run("parked", "drop", "a")).isEqualTo(1);
    assertThat(err.toString()).contains("not parked in the broker", ": a. Nothing was changed.");
    assertThat(run("parked", "retry", "b\\u001b[31m", "c")).isZero();
    assertThat(out.toString()).contains("2 parked rows are named. Add --yes to retry them.");
    assertThat(run("parked", "retry", "--all")).isZero();
    assertThat(out.toString()).contains("2 rows are parked. Add --yes");
    assertThat(run("parked", "retry")).isEqualTo(2);
    assertThat(run("parked", "list", "some.sqlite")).isEqualTo(2);
    assertThat(broker.broker().vitals().depths().parked()).isEqualTo(2);

    broker.publisher().accept(BrokerFixture.DEAD_LETTERS);
    assertThat(run("parked", "retry", "b\\u001b[31m", "--yes")).isZero();
    assertThat(run("parked", "retry", "--all", "--yes")).isZero();
    assertThat(out.toString()).contains("1 parked row: retry, done");
    broker.await("the two", () -> broker.tasksIn(BrokerFixture.DEAD_LETTERS).size() == 2);
    assertThat(run("parked", "drop", "--all", "--yes")).isEqualTo(1);
  }

  @Test
  void deadLetters_areShown_requeuedAndDropped() {
    for (String id : List.of("a", "b\u001b[31m")) {
      NewActivation task = pending(id).application("shop").taskname("mail").arriving();
      broker
          .topics()
          .append(
              BrokerFixture.DEAD_LETTERS,
              "one partition",
              PlainTask.of(task.activation(), task.payload()).encode(),
              List.of(
                  new SourceRecord.Header(
                      DeadLetterHeaders.FIRST_TIME, "1772452800000".getBytes(UTF_8))));
    }

    assertThat(run("dead-letters", "groups")).isZero();
    assertThat(out.toString()).containsPattern("shop .* mail +2 .*its headers do not say why");
    assertThat(run("dead-letters", "list", "--task", "mail")).isZero();
    assertThat(out.toString()).contains("b\\u001b[31m").doesNotContain("\u001b");
    String place = out.toString().lines().toList().get(1).split(" ", -1)[0];
    assertThat(run("dead-letters", "show", place)).isZero();
    assertThat(out.toString())
        .contains("Arguments (")
        .containsPattern("once requeued, goes to +again")
        .containsPattern("once requeued, new id +[0-9a-f-]{36}")
        .containsPattern("taskbroker-first-time +1772452800000 \\(2026-03-02T12:00:00Z\\)");
    assertThat(run("dead-letters", "show", "a")).isZero();
    assertThat(out.toString()).containsPattern("id +a\n").containsPattern("place +0:0\n");
    assertThat(run("dead-letters", "show", "nobody")).isEqualTo(1);
    assertThat(err.toString()).contains("No dead letter of a task 'nobody' is known");
    assertThat(run("dead-letters", "show", "a", "--arguments", "--reason", "to see")).isZero();
    assertThat(run("dead-letters", "show", place, "--arguments", "--reason", "to see")).isZero();
    assertThat(out.toString()).doesNotContain("Kinds and lengths only");
    assertThat(run("dead-letters", "requeue")).isEqualTo(2);
    assertThat(run("dead-letters", "requeue", "--all")).isZero();
    assertThat(out.toString()).contains("2 dead letters match.", "Add --yes to do it");
    assertThat(run("dead-letters", "requeue", "nobody")).isEqualTo(1);
    assertThat(err.toString()).contains("No dead letter of a task 'nobody' is known");
    assertThat(run("dead-letters", "requeue", "a")).isZero();
    assertThat(out.toString()).contains("0:0 would become task");
    assertThat(broker.tasksIn("again")).isEmpty();

    assertThat(run("dead-letters", "requeue", place, "--yes", "--reason", "mended")).isZero();
    String told = out.toString();
    broker.await("the task", () -> broker.tasksIn("again").size() == 1);
    String newId = broker.tasksIn("again").getFirst().id();
    assertThat(told).contains(place + " becomes task " + newId);
    broker.await("the end", () -> run("dead-letters", "run") == 0 && said("done, 1 handled"));
    String old = place.equals("0:0") ? "a" : "b\u001b[31m";
    assertThat(run("why", old)).isZero();
    assertThat(out.toString())
        .contains("its dead letter was sent again as task '" + newId + "'")
        .contains("'taskbroker why " + newId + "'");
    assertThat(run("dead-letters", "requeue", place, "--yes")).isEqualTo(1);
    assertThat(out.toString()).contains("Nothing was begun.").doesNotContain("running");
    assertThat(run("dead-letters", "run")).isZero();
    assertThat(out.toString()).contains("done, 1 handled");
    assertThat(run("dead-letters", "drop", "--task", "mail", "--yes")).isZero();
    broker.await(
        "the end of dropping",
        () -> run("dead-letters", "run") == 0 && said("drop, by local: done, 1 handled"));
    assertThat(run("dead-letters", "groups")).isEqualTo(1);
    assertThat(out.toString()).contains("No dead letter is open in taskworker-dlq.");
    assertThat(run("dead-letters", "list", "--handled")).isZero();
    assertThat(run("dead-letters", "stop")).isEqualTo(1);
    assertThat(err.toString()).contains("No run of this broker is under way");
    assertThat(broker.tasksIn("again")).hasSize(1);
  }

  private boolean said(String words) {
    return out.toString().contains(words);
  }
}
