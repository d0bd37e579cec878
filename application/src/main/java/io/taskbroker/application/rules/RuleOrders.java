package io.taskbroker.application.rules;

import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.Rules;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules in force: those of the file, and those that operators have ordered, until somebody ends
 * them or their time is over. Safe for all threads.
 */
public final class RuleOrders implements RuntimeRules {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::runtime_config");

  private final RuntimeRules file;
  private final RuleReader reader;
  private final Predicate<Demotion> wouldLoop;
  private final RuleOrderStore store;
  private final RulesStore enforced;
  private final TimeSource time;

  /** Numbers the looks at what is kept, so that an older one never replaces a newer one. */
  private final AtomicLong looks = new AtomicLong();

  /** Guarded by this, as all changes of what is in force are. */
  private long newestLook;

  /** What is kept and nobody understands; it was said once. */
  private Set<String> foreign = Set.of();

  private volatile List<RuleOrder> orders = List.of();
  private volatile InForce inForce = new InForce(Rules.NONE, Rules.NONE);

  /** Whether what is kept may be something else than what is in force. */
  private volatile boolean isStale;

  /** As {@link RuleOrderStore#changesByOthers} was before the last look of a turn. */
  private long seenChanges;

  /**
   * @param ofFile the rules of the file by which {@code all} was made
   */
  private record InForce(Rules ofFile, Rules all) {}

  /**
   * @param over those whose time is over; they are kept, and not in force
   * @param foreign names of those that cannot be understood
   */
  private record Kept(List<RuleOrder> orders, List<RuleOrder> over, Set<String> foreign) {}

  /**
   * Puts in force what is kept.
   *
   * @param book knows the rules of the file
   * @param enforced drops by name what somebody asks for
   * @throws StoreException if what is kept cannot be read now
   */
  public RuleOrders(Rulebook book, RuleOrderStore store, RulesStore enforced, TimeSource time) {
    this.file = book.rules();
    this.reader = book.reader();
    this.wouldLoop = book.demotion()::returnsHere;
    this.store = store;
    this.enforced = enforced;
    this.time = time;
    look();
    orders.forEach(
        order -> LOG.info("A rule of {} is in force: {}", order.by(), RuleWords.of(order.rule())));
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // it is the same object until the rules change
  public Rules current() {
    InForce last = inForce;
    return last.ofFile() == file.current() ? last.all() : join();
  }

  private synchronized Rules join() {
    Rules ofFile = file.current();
    Rules all = ofFile;
    for (RuleOrder order : orders) {
      all = all.and(order.rule());
    }
    inForce = new InForce(ofFile, all);
    return all;
  }

  /** The rules of the file alone. */
  public Rules ofFile() {
    return file.current();
  }

  /** Those in force, in the order in which they were given. */
  public List<RuleOrder> orders() {
    return orders;
  }

  /**
   * What a text says, which comes in force by no more than that.
   *
   * @throws IllegalArgumentException if anything in it is wrong
   */
  public Rules read(String text) {
    return reader.read(text);
  }

  // ---------------------------------------------------------------- orders

  /**
   * Puts a rule in force. It takes the place of an earlier order of the same rule.
   *
   * @param untilMs Unix milliseconds; null to keep it until somebody ends it
   * @throws IllegalArgumentException if the text is not one rule, or the rule could do nothing
   * @throws StoreException if it was not kept
   */
  public RuleOrder set(String text, String by, String reason, @Nullable Long untilMs) {
    long nowMs = time.now().wallMs();
    Rules rule = reader.read(text);
    RuleOrder order = new RuleOrder(idOf(rule, nowMs), text, rule, by, reason, nowMs, untilMs);
    if (order.isOver(nowMs)) {
      throw new IllegalArgumentException("the end of the order has passed already");
    }
    if (!rule.demotion().namespaces().isEmpty()
        && wouldLoop.test(file.current().and(rule).demotion())) {
      throw new IllegalArgumentException(
          "this broker reads the topic of demoted namespaces itself, so all would come back: let"
              + " demoted_topic of the file of rules name another one");
    }
    store.keep(order.id(), RuleOrderText.write(order));
    look();
    return order;
  }

  /** That of an earlier order of the same rule, or else one behind all others. */
  private String idOf(Rules rule, long nowMs) {
    long number = Math.max(0, nowMs);
    for (RuleOrder one : orders) {
      if (one.rule().equals(rule)) {
        return one.id();
      }
      number = Math.max(number, one.number() + 1);
    }
    return RuleOrder.idOf(number);
  }

  /**
   * Ends an order.
   *
   * @return false if there is none of this id
   * @throws StoreException if it was not ended
   */
  public boolean end(String id) {
    boolean wasKept = store.forget(id);
    look();
    // Not only with the next turn of the enforcer: what comes after the answer must not be dropped.
    enforced.kill(current().killSwitch().tasknames());
    return wasKept;
  }

  /**
   * Ends orders whose time is over, and puts in force what other brokers have ordered. To be called
   * again and again, by one thread.
   *
   * @throws StoreException if some of them are still kept; they are not in force any more
   */
  public void turn() {
    long nowMs = time.now().wallMs();
    long changes = store.changesByOthers();
    boolean isNews = changes != seenChanges;
    seenChanges = changes;
    if (isStale || isNews || orders.stream().anyMatch(order -> order.isOver(nowMs))) {
      for (RuleOrder over : look().over()) {
        store.forget(over.id());
        LOG.info("The time of a rule of {} is over: {}", over.by(), RuleWords.of(over.rule()));
      }
    }
  }

  // ---------------------------------------------------------------- what is kept

  /** Puts what is kept in force; what is over is not. */
  private Kept look() {
    long look = looks.incrementAndGet();
    try {
      Kept kept = understood(store.kept());
      take(look, kept);
      return kept;
    } catch (RuntimeException e) { // whatever was written before is seen by the next turn
      isStale = true;
      throw e;
    }
  }

  private Kept understood(Map<String, String> texts) {
    long nowMs = time.now().wallMs();
    List<RuleOrder> found = new ArrayList<>();
    List<RuleOrder> over = new ArrayList<>();
    Set<String> unknown = new LinkedHashSet<>();
    texts.forEach(
        (id, text) -> {
          try {
            RuleOrder order = RuleOrderText.read(id, text, reader);
            (order.isOver(nowMs) ? over : found).add(order);
          } catch (IllegalArgumentException e) {
            unknown.add(id);
            if (!foreign.contains(id)) {
              LOG.warn("The order of rules {} is not in force, since it is not understood", id, e);
            }
          }
        });
    return new Kept(List.copyOf(found), over, Ordered.copyOf(unknown));
  }

  private synchronized void take(long look, Kept kept) {
    if (look < newestLook) {
      return; // the newer one has seen all that was written before this one began
    }
    newestLook = look;
    foreign = kept.foreign();
    isStale = !kept.over().isEmpty();
    orders = kept.orders();
    var _ = join();
  }
}
