package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.upkeep.OutboxStore;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Outgoing;
import io.taskbroker.inflight.Subject.Event;
import io.taskbroker.inflight.engine.InflightEngine;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.LongFunction;

/** The owned store, as those see it who publish what has to leave. */
final class OwnedOutbox implements OutboxStore {
  private final CommandSender sender;
  private final Journal journal;

  OwnedOutbox(CommandSender sender, Journal journal) {
    this.sender = sender;
    this.journal = journal;
  }

  @Override
  public List<Taken> take(Lane lane, int maxRows, long maxBytes) {
    List<Outgoing> rows =
        sender.ask(
            new Commands.TakeOutgoing(
                sender.now(), engine -> engine.outbox().take(lane, maxRows, maxBytes)));
    try {
      return withPayloads(rows);
    } catch (JournalException e) {
      throw givenBack(
          rows, new StoreException.Unavailable("Payloads could not be read: " + e.getMessage(), e));
    } catch (RuntimeException e) {
      throw givenBack(rows, e);
    }
  }

  /** Rows that nobody has in hand must not count as taken. */
  private RuntimeException givenBack(List<Outgoing> rows, RuntimeException because) {
    giveBack(rows.stream().map(Outgoing::key).toList());
    return because;
  }

  private List<Taken> withPayloads(List<Outgoing> rows) {
    Map<Long, byte[]> payloads = payloadsOf(rows);
    List<Taken> taken = new ArrayList<>(rows.size());
    for (Outgoing row : rows) {
      byte[] payload = payloads.get(row.key());
      if (payload == null) { // dropped by an operator's rule since it was taken
        park(row.key(), "its payload is not in the store");
      } else {
        taken.add(new Taken(row, payload));
      }
    }
    return taken;
  }

  private Map<Long, byte[]> payloadsOf(List<Outgoing> rows) {
    List<Long> small = new ArrayList<>();
    Map<Long, byte[]> payloads = new HashMap<>();
    for (Outgoing row : rows) {
      if (LargePayloads.isLarge(row.activation())) {
        journal.largePayload(row.key()).ifPresent(bytes -> payloads.put(row.key(), bytes));
      } else {
        small.add(row.key());
      }
    }
    if (!small.isEmpty()) {
      payloads.putAll(sender.ask((_, _) -> journal.payloads(small)));
    }
    return payloads;
  }

  @Override
  public void published(Collection<Long> keys) {
    tellEach(
        keys, Event.PUBLISHED, key -> (engine, _) -> engine.outbox().published(List.of(key)) > 0);
  }

  @Override
  public void giveBack(Collection<Long> keys) {
    tellEach(
        keys,
        Event.RETURNED,
        key ->
            (engine, _) -> {
              engine.outbox().giveBack(List.of(key));
              return true;
            });
  }

  @Override
  public void park(long key, String reason) {
    tellEach(
        List.of(key),
        Event.REFUSED,
        _ ->
            (engine, _) -> {
              engine.outbox().park(key, reason);
              return true;
            });
  }

  private void tellEach(
      Collection<Long> keys, Event event, LongFunction<BiPredicate<InflightEngine, Moment>> told) {
    sender.tell(keys.stream().map(key -> sender.ofRow(event, key, told.apply(key))).toList());
  }
}
