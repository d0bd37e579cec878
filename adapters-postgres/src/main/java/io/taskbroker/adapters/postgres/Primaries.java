package io.taskbroker.adapters.postgres;

import java.io.Serial;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the primary from one that a stand-by has taken the place of, and that was started again
 * since: that one takes writes as well, and its tasks are those of before the fail-over. Safe for
 * all threads.
 */
final class Primaries {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** By system, the highest timeline that a primary of it was seen with. */
  private final Map<String, Long> timelines = new HashMap<>();

  /** Connects to one of the hosts. */
  @FunctionalInterface
  interface Opening {
    Connection open(String host) throws SQLException;
  }

  /** Nobody is to work with this server; it counts as one that cannot be reached. */
  static final class OldPrimary extends SQLException {
    @Serial private static final long serialVersionUID = 1L;
    private static final String NO_CONNECTION = "08001";

    private OldPrimary(String message) {
      super(message, NO_CONNECTION);
    }
  }

  private record Primary(String host, ServerIdentity identity) {
    @Override
    public String toString() {
      return "%s (timeline %d)".formatted(host, identity.timeline());
    }
  }

  /**
   * Passes on a connection to the primary. One that leads to an old primary is closed.
   *
   * @throws OldPrimary if it leads to one
   */
  Connection accept(Connection connection, String hosts) throws SQLException {
    try {
      Optional<ServerIdentity> identity = ServerIdentity.read(connection);
      if (identity.isPresent() && identity.get().takesWrites()) {
        refuseOld(identity.get(), hosts);
      }
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private synchronized void refuseOld(ServerIdentity identity, String hosts) throws SQLException {
    long highest = timelines.merge(identity.system(), identity.timeline(), Math::max);
    if (identity.timeline() < highest) {
      throw new OldPrimary(
          "A server at %s takes writes, and is of timeline %d, from before the fail-over to timeline %d. Stop it, and make it a stand-by with pg_rewind"
              .formatted(hosts, identity.timeline(), highest));
    }
  }

  /**
   * Connects to the first of the hosts that is not an old primary.
   *
   * @param refusal of an old one, which is said and thrown if there is none
   */
  Connection openAnother(List<String> hosts, Opening opening, OldPrimary refusal)
      throws SQLException {
    LOG.warn("{}; it is passed over", refusal.getMessage());
    for (String host : hosts) {
      try {
        return accept(opening.open(host), host);
      } catch (SQLException e) {
        refusal.addSuppressed(e);
      }
    }
    throw refusal;
  }

  /**
   * Refuses to go on if several hosts take writes. A host that cannot be reached does not count.
   *
   * @throws UnusableDatabaseException if they do
   */
  static void refuseSeveral(List<String> hosts, Opening opening) {
    List<Primary> primaries = new ArrayList<>();
    for (String host : hosts) {
      find(host, opening)
          .filter(
              found ->
                  primaries.stream()
                      .noneMatch(other -> other.identity().isSameServerAs(found.identity())))
          .ifPresent(primaries::add);
    }
    if (primaries.size() > 1) {
      primaries.sort(Comparator.comparingLong(primary -> -primary.identity().timeline()));
      throw new UnusableDatabaseException(
          "Of the servers in store.pg.host several take writes: %s. The one with the highest timeline was promoted last, and brokers belong to it. Stop the others, and make each a stand-by with pg_rewind before it is started again: their tasks are those of before the fail-over, and would run a second time"
              .formatted(String.join(", ", primaries.stream().map(Primary::toString).toList())));
    }
  }

  private static Optional<Primary> find(String host, Opening opening) {
    try (Connection connection = opening.open(host)) {
      return ServerIdentity.read(connection)
          .filter(ServerIdentity::takesWrites)
          .map(identity -> new Primary(host, identity));
    } catch (SQLException e) {
      LOG.debug("Whether {} takes writes is not known", host, e);
      return Optional.empty();
    }
  }
}
