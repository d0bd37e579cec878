package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.rules.RulesStore;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.rules.Found;
import io.taskbroker.inflight.engine.InflightEngine;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The owned store, as the operator's rules see it. */
final class OwnedRules implements RulesStore {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private final CommandSender sender;
  private final Journal journal;
  private final PutAside putAside;

  /**
   * @param putAside used on the writer's thread
   */
  OwnedRules(CommandSender sender, Journal journal, PutAside putAside) {
    this.sender = sender;
    this.journal = journal;
    this.putAside = putAside;
  }

  @Override
  public void kill(Set<String> tasknames) {
    sender.ask(
        (engine, _) -> {
          engine.claims().kill(tasknames);
          return tasknames.size();
        });
  }

  @Override
  public Found find(Set<String> tasknames, long after) {
    return sender.ask((engine, _) -> engine.search(tasknames, after));
  }

  @Override
  public Payloads payloadsOf(List<Long> keys) {
    Map<Long, byte[]> payloads = new LinkedHashMap<>();
    long bytes = 0;
    int rows = 0;
    for (long key : keys.stream().limit(Payloads.MOST_ROWS).toList()) {
      byte[] payload = read(key);
      bytes += payload == null ? 0 : payload.length;
      if (bytes > Payloads.MOST_BYTES && rows > 0) {
        break;
      }
      if (payload != null) {
        payloads.put(key, payload);
      }
      rows++;
    }
    return new Payloads(rows, payloads);
  }

  /**
   * Returns null if the row has ended, or if its payload alone cannot be read: whoever wants it is
   * told so, and its row is put aside then.
   */
  private byte @Nullable [] read(long key) {
    try {
      return LargePayloads.readTwice(journal, key).orElse(null);
    } catch (JournalException.NothingChanged | JournalException.Unreadable e) {
      if (isToBlame(key, Unread.of(e))) {
        LOG.debug("Row {} is not judged by its arguments", key, e);
        return null;
      }
      throw unavailable(e);
    } catch (JournalException e) {
      throw unavailable(e);
    }
  }

  private boolean isToBlame(long key, Unread why) {
    return sender.ask((_, _) -> putAside.isToBlame(key, why));
  }

  private static StoreException unavailable(JournalException e) {
    return new StoreException.Unavailable("A payload could not be read: " + e.getMessage(), e);
  }

  @Override
  public int drop(Collection<Long> keys) {
    return sender.ask(
        new Commands.ToEach(StoreCall.DROP, sender.now(), keys, InflightEngine::drop));
  }

  @Override
  public int demote(Set<String> namespaces, int limit) {
    Set<String> demoted = Ordered.sorted(namespaces);
    return sender.askToRepeat(
        StoreCall.OTHER, limit, (engine, now, left) -> engine.claims().demote(demoted, left, now));
  }
}
