package com.example.ownstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole broker over the journal. */
class BrokerOverMvStoreTest {
  @TempDir Path folder;

  @Test
  void whatIsStored_outlivesTheProcess() {
    Path file = folder.resolve("tasks.mv");
    try (BrokerFixture broker =
        BrokerFixture.builder().journal(() -> MvStoreJournal.open(file)).start()) {
      broker.produce(Activations.pending("a"));
      broker.await("it to be stored", () -> broker.lastPass().depths().pending() == 1);

      broker.crash();

      assertThat(broker.report(broker.take(), Conclusion.COMPLETE)).isTrue();
    }
  }
}
