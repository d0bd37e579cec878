package io.taskbroker.adapters.http.admin;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.http.admin.AdminClient.Answer;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.broker.BrokerFixture;
import org.junit.jupiter.api.Test;

/** What people see of tasks that are over. */
class EndedTasksApiTest extends AdminApi {
  @Test
  void aTaskThatHasEnded_isFound_withHowItEnded() {
    produce(pending("a"));
    broker.report(broker.take(), Conclusion.COMPLETE);
    produce(pending("b").application("bank"));
    client.post("/api/v1/tasks/cancel", "id", "b");

    Answer a = client.get("/api/v1/task?id=a");
    assertThat(a.object("task"))
        .containsEntry("state", "complete")
        .containsEntry("outcome", "completed")
        .containsKeys("handed_out_at", "ended_at");
    assertThat(whyOf("a")).contains("it is over: it was completed");
    assertThat(ids("?state=complete")).containsExactly("b", "a");
    assertThat(ids("?state=complete&outcome=cancelled")).containsExactly("b");
    assertThat(ids("?state=complete&application=bank&limit=1")).containsExactly("b");
    Answer first = client.get("/api/v1/tasks?state=complete&limit=1");
    assertThat(ids("?state=complete&after=" + first.body().get("next"))).containsExactly("a");
    assertThat(client.get("/api/v1/tasks?outcome=cancelled").status()).isEqualTo(400);
    assertThat(client.get("/api/v1/tasks?state=complete&outcome=lost").status()).isEqualTo(400);
  }

  @Test
  void aTaskThatEndedAsADeadLetter_isNotToldAsFine() {
    produce(pending("a").deadLettered());
    broker.publisher().accept(BrokerFixture.DEAD_LETTERS);
    broker.report(broker.take(), Conclusion.FAILURE);
    broker.await("the end", () -> broker.broker().operations().tasks().findEnded("a").isPresent());

    assertThat(client.get("/api/v1/why?id=a").list("explanations"))
        .singleElement()
        .extracting(one -> one.get("remedy"))
        .asString()
        .contains("Mend the cause", "dead-letters show ID");
    assertThat(whyOf("a")).endsWith("its dead letter is in Kafka]");

    broker.broker().operations().sentAgain().sent("a", "a-again");
    assertThat(whyOf("a"))
        .endsWith("its dead letter is in Kafka, and was sent again as task 'a-again']");
    assertThat(client.get("/api/v1/why?id=a-again").status()).isEqualTo(404);
  }

  @Test
  void aTaskOfWhichAnEarlierProcessHadTheEnd_isFoundByTheOneThatItBecame() {
    broker.broker().operations().sentAgain().sent("old", "new");

    assertThat(whyOf("old"))
        .isEqualTo("[it is over: its dead letter was sent again as task 'new']");
    assertThat(client.get("/api/v1/task?id=old").status()).isEqualTo(404);
  }

  @Test
  void aFailedTask_isKept_andCanBeTriedAgain() {
    produce(pending("a"));
    broker.report(broker.take(), Conclusion.FAILURE);
    broker.await("the end", () -> broker.broker().operations().tasks().findEnded("a").isPresent());

    Answer failed = client.get("/api/v1/tasks?state=failed");
    assertThat(failed.list("tasks")).hasSize(1);
    assertThat(whyOf("a")).contains("a worker reported that it failed");
    assertThat(client.get("/api/v1/status").object("tasks")).containsEntry("failed", 1);
    assertThat(ids("?state=complete")).as("it is listed once").isEmpty();

    assertThat(client.post("/api/v1/tasks/requeue", "id", "a").status()).isEqualTo(200);
    assertThat(client.get("/api/v1/status").object("tasks")).containsEntry("failed", 0);
    assertThat(broker.take().claim().activation().id()).isEqualTo("a");
  }
}
