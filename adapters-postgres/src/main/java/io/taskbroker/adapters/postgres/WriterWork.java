package io.taskbroker.adapters.postgres;

import io.taskbroker.adapters.postgres.GroupWriting.Written;
import io.taskbroker.adapters.postgres.PostgresErrors.Phase;
import io.taskbroker.application.store.JournalEvent;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Status;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.StoredState;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the store's writer does over its session. Used by one thread at a time. */
final class WriterWork {
  private final Repetition repetition;
  private final WriterSession session;
  private final Shared shared;
  private final Membership membership;
  private final Custodies custodies;
  private final LiveSize size;
  private final OrderNames names;
  private final JournalEnd end;
  private final GroupWriting groups;
  private final PayloadCache fresh;

  /** A group that is written and not committed. */
  private record Sent(GroupRequest request, Written written) {}

  /**
   * @param fresh given the payloads that come in, and told which are gone
   */
  WriterWork(Repetition repetition, WriterSession session, Shared shared, PayloadCache fresh) {
    this.repetition = repetition;
    this.session = session;
    this.shared = shared;
    this.membership = shared.membership();
    this.custodies = shared.custodies();
    this.size = shared.size();
    this.names = new OrderNames(shared.membership().name());
    this.end = shared.end();
    this.groups = new GroupWriting(session.session());
    this.fresh = fresh;
  }

  // ---------------------------------------------------------------- groups

  /** As {@link io.taskbroker.inflight.Journal#apply}. */
  void apply(JournalGroup group, Durability durability) {
    for (long repeated = 0; ; repeated++) {
      Phase phase = Phase.WRITE;
      try {
        Sent sent = send(group, durability);
        refuse(group, sent.written());
        long givenUp = sizeOf(group.givenUp());
        phase = Phase.COMMIT;
        session.get().commit();
        applied(group, sent.request(), sent.written(), givenUp);
        if (repeated > 0) {
          tell(JournalEvent.Remedy.WRITTEN);
        }
        return;
      } catch (SQLException e) {
        JournalException failure = session.failed("write a group of changes", e, phase);
        boolean helps = SqlStates.isPassing(e) && repeated < repetition.most();
        if (SqlStates.isPassing(e)) {
          tell(helps ? JournalEvent.Remedy.REPEATED : JournalEvent.Remedy.GIVEN_UP);
        }
        if (!helps || !Pauses.rest(repetition.delay())) {
          throw failure;
        }
      } catch (JournalException e) {
        throw e; // nothing is open
      } catch (RuntimeException e) {
        session.giveUp(); // or else the next commit would take along what is half written
        throw e;
      }
    }
  }

  /** Where the row is not in its place any more, it is looked for; only then it is fenced. */
  private Sent send(JournalGroup group, Durability durability) throws SQLException {
    Sent sent = send(group, fence(group, membership.lastSeenAt(), durability));
    if (!sent.written().isFenced()) {
      return sent;
    }
    session.get().rollback();
    return send(group, fence(group, null, durability));
  }

  private Sent send(JournalGroup group, Fence fence) throws SQLException {
    GroupRequest request =
        new GroupRequest(group, fence, custodies, names, shared.clock(), shared.reference());
    return new Sent(request, groups.send(request));
  }

  private void tell(JournalEvent.Remedy remedy) {
    shared.metrics().count(new JournalEvent.BrokenOff(remedy));
  }

  /** A group without a number leaves the number as it is. */
  private Fence fence(JournalGroup group, @Nullable String seenIn, Durability durability) {
    long last = membership.lastAcknowledged();
    boolean isNumbered = group.number() != 0;
    return new Fence(
        membership.number(),
        isNumbered ? group.number() : last,
        isNumbered ? group.number() - 1 : last,
        seenIn,
        switch (durability) {
          case PROCESS_CRASH -> Membership.NOT_SYNCED;
          case POWER_CUT -> membership.synced();
        });
  }

  private void refuse(JournalGroup group, Written written) throws SQLException {
    if (written.isFenced()) {
      session.get().rollback();
      JournalException refusal = membership.refusal(session.get(), group.number());
      session.get().rollback();
      if (refusal instanceof JournalException.Outdated) {
        forget();
      }
      throw end.after(refusal);
    }
    if (!written.duplicates().isEmpty()) {
      session.get().rollback();
      throw new JournalException.Duplicates(
          "%d rows have ids that rows of other partitions have"
              .formatted(written.duplicates().size()),
          new SQLException("the id is there", SqlStates.UNIQUE_VIOLATION),
          written.duplicates());
    }
  }

  private void applied(
      JournalGroup group, GroupRequest request, Written written, long givenUpBytes) {
    if (group.number() != 0) {
      membership.acknowledged(group.number());
    }
    if (written.place() != null) {
      membership.seenAt(written.place());
    }
    request.withoutPayload().forEach(fresh::remove);
    long payloadBytes = 0;
    for (GroupRequest.Payload payload : request.payloads()) {
      fresh.put(payload.key(), payload.bytes());
      payloadBytes += payload.bytes().length;
    }
    size.add(
        request.inserted().size() - written.rowsGone(),
        payloadBytes - written.payloadBytesGone() - givenUpBytes);
    custodies.haveNoLonger(group.givenUp());
    if (!group.settledReports().isEmpty()) {
      shared.metrics().count(new JournalEvent.ReportsTaken(group.settledReports().size()));
    }
  }

  /** What this broker counts for these partitions, in bytes. */
  private long sizeOf(Collection<Partition> partitions) throws SQLException {
    Integer[] numbers =
        partitions.stream().map(custodies::find).filter(no -> no != null).toArray(Integer[]::new);
    if (numbers.length == 0) {
      return 0;
    }
    PreparedStatement select =
        session.prepared(
            """
            SELECT count(*) * %d + coalesce(sum(payload_bytes) FILTER (WHERE status <> %d), 0)
              FROM taskbroker_task WHERE custody = ANY (?)\
            """
                .formatted(LiveSize.ROW_BYTES, StoredState.numberOf(Status.COMPLETE)));
    select.setArray(1, session.get().createArrayOf("int4", numbers));
    return WriterSession.number(select);
  }

  /** As {@link io.taskbroker.inflight.Journal#lastGroup}. */
  long lastGroup() {
    return session.run(
        "read the number of the last group",
        connection -> {
          long acknowledged = membership.lastAcknowledged();
          long last = membership.lastGroup(connection);
          if (last < acknowledged) {
            forget();
          }
          return last;
        });
  }

  /** As {@link io.taskbroker.inflight.KeyReserve#reserveKeys}. */
  long reserveKeys(int count) {
    return session.run(
        "reserve keys",
        connection -> {
          PreparedStatement reserve =
              session.plannedAnew(
                  """
                  UPDATE taskbroker_meta
                     SET last_key =
                         coalesce(
                           (SELECT max(key) FROM taskbroker_task WHERE key > last_key), last_key)
                         + ?
                  RETURNING last_key, set_config('synchronous_commit', ?, true)\
                  """);
          reserve.setInt(1, count);
          reserve.setString(2, membership.synced());
          return WriterSession.number(reserve) - count + 1;
        });
  }

  // ---------------------------------------------------------------- orders

  /** As {@link io.taskbroker.inflight.Journal#orders}. */
  Map<String, String> orders() {
    return session.run(
        "read the standing orders",
        connection -> {
          Map<String, String> orders = new TreeMap<>();
          try (Statement statement = connection.createStatement();
              ResultSet rows =
                  statement.executeQuery("SELECT name, text FROM taskbroker_standing_order")) {
            names.read(rows, orders);
          }
          return orders;
        });
  }

  /** The rows that this broker had are not its own any more, or are to be read anew. */
  void forget() {
    fresh.clear();
    size.clear();
    custodies.haveNone();
  }
}
