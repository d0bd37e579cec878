package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.application.upkeep.OutboxStore;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Outgoing;
import io.taskbroker.inflight.Subject.Event;
import io.taskbroker.inflight.engine.InflightEngine;
import io.taskbroker.inflight.engine.Outbox;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiPredicate;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The owned store, as those see it who publish what has to leave. */
final class OwnedOutbox implements OutboxStore {
  /** Payloads, of 64 KB at most, that are read in one turn of the writer. */
  private static final int READ_AT_ONCE = 64;

  private final CommandSender sender;
  private final Journal journal;
  private final PutAside putAside;
  private final Supplier<StoreView> view;
  private final Messenger messenger;

  /**
   * @param putAside used on the writer's thread
   * @param view as of the last group
   * @param messenger told of records whose rows are not here any more
   */
  OwnedOutbox(
      CommandSender sender,
      Journal journal,
      PutAside putAside,
      Supplier<StoreView> view,
      Messenger messenger) {
    this.view = view;
    this.messenger = messenger;
    this.sender = sender;
    this.journal = journal;
    this.putAside = putAside;
  }

  @Override
  public List<Taken> take(Lane lane, int maxRows, long maxBytes) {
    if (isEmpty(view.get().depths())) {
      return List.of(); // asked often, and mostly for nothing: the writer need not wake for it
    }
    List<Outgoing> rows =
        sender.ask(
            new Commands.TakeOutgoing(
                sender.now(), (engine, now) -> engine.outbox().take(lane, maxRows, maxBytes, now)));
    try {
      return withPayloads(rows);
    } catch (RuntimeException e) { // rows that nobody has in hand must not count as taken
      giveBack(rows.stream().map(Outgoing::key).toList());
      throw e;
    }
  }

  /** Whether there is nothing in any lane, nor anything that may come back to one. */
  private static boolean isEmpty(Depths depths) {
    return depths.outbox() + depths.parked() == 0;
  }

  private List<Taken> withPayloads(List<Outgoing> rows) {
    Map<Long, Unread> unreadable = new LinkedHashMap<>();
    Map<Long, byte[]> payloads = payloadsOf(rows, unreadable);
    List<Taken> taken = new ArrayList<>(rows.size());
    for (Outgoing row : rows) {
      byte[] payload = payloads.get(row.key());
      if (payload != null) {
        taken.add(new Taken(row, payload));
      } else if (!unreadable.containsKey(row.key())) { // dropped by an operator's rule meanwhile
        park(row.key(), "its payload is not in the store");
      }
    }
    giveBack(unreadable.keySet()); // their records were certainly not sent
    unreadable.forEach(
        (key, why) ->
            sender.tell(
                List.of(
                    sender.ofOutgoing(
                        Event.UNREADABLE, key, (_, _) -> putAside.unpublishable(key, why)))));
    if (taken.isEmpty() && !unreadable.isEmpty()) {
      throw new StoreException.Unavailable(
          "Payloads could not be read: " + unreadable.values().iterator().next().reason());
    }
    return taken;
  }

  private Map<Long, byte[]> payloadsOf(List<Outgoing> rows, Map<Long, Unread> unreadable) {
    List<Long> small = new ArrayList<>();
    Map<Long, byte[]> payloads = new LinkedHashMap<>();
    for (Outgoing row : rows) {
      if (LargePayloads.isLarge(row.activation())) {
        readLarge(row.key(), payloads, unreadable);
      } else {
        small.add(row.key());
      }
    }
    for (int from = 0; from < small.size(); from += READ_AT_ONCE) {
      List<Long> some = small.subList(from, Math.min(from + READ_AT_ONCE, small.size()));
      SmallPayloads read = sender.ask((_, _) -> new SmallPayloads(journal).read(some));
      payloads.putAll(read.payloads());
      unreadable.putAll(read.unreadable());
    }
    return payloads;
  }

  private void readLarge(long key, Map<Long, byte[]> payloads, Map<Long, Unread> unreadable) {
    try {
      LargePayloads.readTwice(journal, key).ifPresent(payload -> payloads.put(key, payload));
    } catch (JournalException.NothingChanged | JournalException.Unreadable e) {
      unreadable.put(key, Unread.of(e));
    } catch (JournalException.Final e) { // the writer meets it, too, and ends the store
      throw new StoreException.Closed("The store's journal failed for good: " + e.getMessage(), e);
    }
  }

  @Override
  public void published(Collection<Long> keys) {
    sender.tell(keys.stream().map(this::published).toList());
  }

  private Fact published(long key) {
    AtomicReference<Outbox.@Nullable Gone> gone = new AtomicReference<>();
    Fact fact =
        sender.ofOutgoing(
            Event.PUBLISHED,
            key,
            (engine, _) -> {
              gone.set(engine.outbox().gone(key));
              return engine.outbox().published(List.of(key)) > 0;
            });
    messenger.orTell(
        fact,
        () -> {
          Outbox.Gone row = gone.get();
          return row == null ? null : Elsewhere.Report.published(row.id(), row.lane());
        });
    return fact;
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
  public void uncertain(Collection<Long> keys, String reason) {
    tellEach(
        keys, Event.UNCERTAIN, key -> (engine, now) -> engine.outbox().uncertain(key, reason, now));
  }

  @Override
  public void refused(long key, String reason) {
    tellEach(
        List.of(key),
        Event.REFUSED,
        _ ->
            (engine, now) -> {
              engine.outbox().refused(key, reason, now);
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

  @Override
  public int unpark() {
    return sender.askToRepeat(
        StoreCall.OTHER, Integer.MAX_VALUE, (engine, _, _) -> engine.outbox().unpark());
  }

  private void tellEach(
      Collection<Long> keys, Event event, LongFunction<BiPredicate<InflightEngine, Moment>> told) {
    sender.tell(keys.stream().map(key -> sender.ofOutgoing(event, key, told.apply(key))).toList());
  }
}
