package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskCount;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskNames;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.domain.operator.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What operators see of stored tasks. Extend this once per store, give it an empty one, and add
 * nothing.
 */
public abstract class TaskStoreContract extends StoreContract {
  @Test
  final void list_givesWhatIsNotOver_inPieces_eachOnce() {
    for (int i = 0; i < 25; i++) {
      add(pending("t" + i).application(i % 2 == 0 ? "shop" : "billing"));
    }
    conclude("t4", Conclusion.COMPLETE);
    List<String> ids = new ArrayList<>();

    TaskFilter shop = new TaskFilter("shop", null, null, null, null);
    TaskPage page = store.tasks().list(shop, 0, 5);
    while (true) {
      assertThat(page.tasks()).hasSizeLessThanOrEqualTo(5);
      page.tasks().forEach(task -> ids.add(task.activation().id()));
      if (page.isLast()) {
        break;
      }
      page = store.tasks().list(shop, page.last(), 5);
    }

    assertThat(ids)
        .containsExactly(
            "t0", "t2", "t6", "t8", "t10", "t12", "t14", "t16", "t18", "t20", "t22", "t24");
  }

  @Test
  final void list_goesByEachOfItsConditions() {
    add(
        pending("send-1").namespace("slow"),
        pending("send-2").taskname("resize"),
        delayed("later", NOON + 60_000).receivedAt(NOON - 60_000));
    claimOne();

    assertThat(listed(TaskFilter.ANY)).containsExactly("send-1", "send-2", "later");
    assertThat(listed(new TaskFilter(null, "slow", null, null, null))).containsExactly("send-1");
    assertThat(listed(new TaskFilter(null, null, "resize", null, null))).containsExactly("send-2");
    assertThat(listed(new TaskFilter(null, null, null, Status.DELAY, null)))
        .containsExactly("later");
    assertThat(listed(new TaskFilter(null, null, null, Status.PROCESSING, null)))
        .containsExactly("send-1");
    assertThat(listed(new TaskFilter(null, null, null, null, "end-"))).hasSize(2);
    assertThat(listed(new TaskFilter("nobody", null, null, null, null))).isEmpty();
    assertThat(listed(new TaskFilter(null, null, null, null, null, NOON))).containsExactly("later");
    assertThat(listed(new TaskFilter(null, null, null, null, null, NOON - 60_000))).isEmpty();
  }

  @Test
  final void find_givesATaskAsItStands_andItsPayload() {
    add(pending("1").payload(new byte[] {1, 2, 3}));
    time.advance(Duration.ofSeconds(1));
    claimOne();

    StoredTask task = task("1");

    assertThat(task.activation().id()).isEqualTo("1");
    assertThat(task.state().status()).isEqualTo(Status.PROCESSING);
    assertThat(store.tasks().payload(task.key()).orElseThrow()).containsExactly(1, 2, 3);
    conclude("1", Conclusion.COMPLETE);
    assertThat(store.tasks().payload(task.key())).isEmpty();
    assertThat(store.tasks().find("2")).isEmpty();
  }

  @Test
  final void counts_areOfEachKind_inPieces() {
    add(
        pending("1").receivedAt(NOON - 5_000),
        pending("2").receivedAt(NOON - 4_000),
        pending("3").taskname("resize"),
        pending("4").application("billing").receivedAt(NOON - 9_000));
    claimOne();

    List<TaskCount> all = store.tasks().counts(null, 10);

    TaskNames first = TaskNames.of(task("4").activation());
    assertThat(all.getFirst())
        .isEqualTo(
            new TaskCount(first, Map.of(Status.PENDING, 1), Optional.of(Duration.ofSeconds(9))));
    assertThat(all)
        .contains(
            new TaskCount(
                TaskNames.of(task("1").activation()),
                Map.of(Status.PENDING, 1, Status.PROCESSING, 1),
                Optional.of(Duration.ofSeconds(4))))
        .hasSize(3);
    assertThat(store.tasks().counts(null, 1)).containsExactly(all.getFirst());
    assertThat(store.tasks().counts(first, 10)).isEqualTo(all.subList(1, 3));
  }

  @Test
  final void upcoming_areThoseThatAreDelayed_inTheOrderInWhichTheyAreDue() {
    long hour = Duration.ofHours(1).toMillis();
    add(
        delayed("in 2 hours", NOON + 2 * hour),
        delayed("in a minute", NOON + 60_000),
        pending("now"),
        delayed("in 90 minutes", NOON + hour * 3 / 2));

    assertThat(upcoming(10)).containsExactly("in a minute", "in 90 minutes", "in 2 hours");
    assertThat(upcoming(2)).containsExactly("in a minute", "in 90 minutes");

    time.advance(Duration.ofMinutes(45)); // what was far is near, and nobody has moved it
    add(delayed("in 50 minutes", time.now().wallMs() + 50 * 60_000));

    assertThat(upcoming(4))
        .containsExactly("in a minute", "in 90 minutes", "in 50 minutes", "in 2 hours");
    assertThat(act(Act.RUN_NOW, "in a minute")).isEqualTo(Verdict.DONE);
    assertThat(act(Act.CANCEL, "in 2 hours")).isEqualTo(Verdict.DONE);
    assertThat(upcoming(4)).containsExactly("in 90 minutes", "in 50 minutes");
  }

  private List<String> upcoming(int limit) {
    return store.tasks().upcoming(limit).stream().map(task -> task.activation().id()).toList();
  }

  private List<String> listed(TaskFilter filter) {
    return store.tasks().list(filter, 0, 100).tasks().stream()
        .map(task -> task.activation().id())
        .toList();
  }
}
