package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.EndedPage;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.TaskFilter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Which tasks that have ended are remembered. Extend this once per store, give it an empty one, and
 * add nothing.
 */
public abstract class EndedStoreContract extends StoreContract {
  @Test
  final void whatHasEnded_isRemembered_withHowItEnded() {
    add(
        pending("done"),
        pending("cancelled"),
        pending("failed"),
        pending("retried"),
        pending("open"));
    claimOne();
    time.advance(MOMENT);
    conclude("done", Conclusion.COMPLETE);
    act(Act.CANCEL, "cancelled");
    conclude("failed", Conclusion.FAILURE);
    sweep(Sweep.DISCARDS);
    conclude("retried", Conclusion.RETRY);
    store.outbox().published(List.of(task("retried").key()));
    sweep(Sweep.COMMITTED); // behind which the word of Kafka is written

    assertThat(ended(null)).containsExactly("retried", "failed", "cancelled", "done");
    assertThat(ended(Ending.DISCARDED)).containsExactly("failed");
    EndedTask done = store.tasks().findEnded("done").orElseThrow();
    assertThat(done.ending()).isEqualTo(Ending.COMPLETED);
    assertThat(done.endedMs() - done.handedOutMs()).isEqualTo(MOMENT.toMillis());
    EndedTask failed = store.tasks().findEnded("failed").orElseThrow();
    assertThat(failed.failure()).isNotNull();
    assertThat(store.tasks().findEnded("open")).isEmpty();
  }

  @Test
  final void whatHasEnded_isListedInPieces_andForgottenAfterItsTime() {
    add(pending("1"), pending("2"), pending("3").application("billing"));
    for (String id : List.of("1", "2", "3")) {
      act(Act.CANCEL, id);
    }

    EndedPage first = store.tasks().ended(TaskFilter.ANY, null, 0, 2);
    EndedPage second = store.tasks().ended(TaskFilter.ANY, null, first.next(), 2);

    assertThat(idsOf(first)).containsExactly("3", "2");
    assertThat(idsOf(second)).containsExactly("1");
    assertThat(second.next()).isZero();
    assertThat(
            idsOf(
                store
                    .tasks()
                    .ended(new TaskFilter("billing", null, null, null, null), null, 0, 10)))
        .containsExactly("3");
    time.advance(SETTINGS.keeping().endedFor());
    assertThat(ended(null)).isEmpty();
    assertThat(store.tasks().findEnded("1")).isEmpty();
  }

  private List<String> ended(@Nullable Ending ending) {
    return idsOf(store.tasks().ended(TaskFilter.ANY, ending, 0, 100));
  }

  private static List<String> idsOf(EndedPage page) {
    return page.tasks().stream().map(task -> task.activation().id()).toList();
  }
}
