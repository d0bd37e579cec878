package io.taskbroker.inflight;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A row that cannot be read or written concerns nobody else. */
@Timeout(60)
abstract class BadRows {
  static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);
  static final Duration LEASE = Duration.ofSeconds(30);

  final SettableTime time = new SettableTime();
  final InMemoryFile file = new InMemoryFile();
  final AtomicInteger putAside = new AtomicInteger();
  BadRowJournal journal = new BadRowJournal(file);
  OwnedStore store = open();

  OwnedStore open() {
    return OwnedStore.open(
        journal,
        new StoreSettings(ENGINE, false),
        time,
        SystemThreads.INSTANCE,
        _ -> {},
        _ -> {},
        event -> {
          if (event instanceof StoreEvent.PutAside(int rows)) {
            putAside.set(rows);
          }
        });
  }

  void restart() {
    store.close();
    journal = new BadRowJournal(file);
    store = open();
  }

  @AfterEach
  void close() {
    store.close();
  }

  void add(int tasks) {
    store
        .intake()
        .add(
            IntStream.range(0, tasks)
                .mapToObj(i -> Activations.pending("t" + i).offset(i).arriving())
                .toList(),
            new AssignmentEpoch());
  }

  CompletionStage<Optional<Delivered>> claim() {
    return store.dispatch().claim(ClaimFilter.ANY);
  }

  boolean report(String id, Conclusion conclusion) {
    Report report = new Report(id, conclusion, RetryOverride.NONE);
    return StoreContract.await(store.dispatch().conclude(report, null)).known();
  }

  /** Claims until there is nothing more, not counting callers that got nothing for a bad row. */
  List<String> handOutAll(int calls) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      StoreContract.await(claim()).ifPresent(one -> ids.add(one.claim().activation().id()));
    }
    return ids;
  }
}
