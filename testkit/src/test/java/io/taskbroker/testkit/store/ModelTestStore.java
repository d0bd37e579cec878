package io.taskbroker.testkit.store;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.exchange.AttemptStore;
import io.taskbroker.application.intake.IntakeStore;
import io.taskbroker.application.operations.SteeringStore;
import io.taskbroker.application.operations.StoredTasks;
import io.taskbroker.application.push.PushStore;
import io.taskbroker.application.rules.RuleOrderStore;
import io.taskbroker.application.rules.RulesStore;
import io.taskbroker.application.upkeep.OutboxStore;
import io.taskbroker.application.upkeep.SweepStore;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.engine.EngineSettings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The model store, which lets itself be killed. */
final class ModelTestStore implements TestStore {
  /** Calls that write nothing, so that the store outlives them. */
  private static final Set<String> READS = Set.of("find", "payloadsOf", "kept");

  private final ModelStore store;
  private @Nullable Death next;

  ModelTestStore(EngineSettings settings, TimeSource time) {
    store = new ModelStore(settings, time);
  }

  @Override
  public IntakeStore intake() {
    return mortal(IntakeStore.class);
  }

  @Override
  public DispatchStore dispatch() {
    return mortal(DispatchStore.class);
  }

  @Override
  public SweepStore sweeps() {
    return mortal(SweepStore.class);
  }

  @Override
  public PushStore pushes() {
    return mortal(PushStore.class);
  }

  @Override
  public RulesStore rules() {
    return mortal(RulesStore.class);
  }

  @Override
  public OutboxStore outbox() {
    return mortal(OutboxStore.class);
  }

  @Override
  public StoredTasks tasks() {
    return store; // which writes nothing
  }

  @Override
  public SteeringStore steering() {
    return mortal(SteeringStore.class);
  }

  @Override
  public RuleOrderStore ruleOrders() {
    return mortal(RuleOrderStore.class);
  }

  @Override
  public AttemptStore attempts() {
    return mortal(AttemptStore.class);
  }

  @Override
  public List<KeptRow> rows() {
    return store.rows();
  }

  @Override
  public void reopen() {
    next = null;
    store.reopen();
  }

  @Override
  public void dieAtNextWrite(Death death) {
    next = death;
  }

  @Override
  public void close() {}

  private <T> T mortal(Class<T> port) {
    return port.cast(
        Proxy.newProxyInstance(
            port.getClassLoader(),
            new Class<?>[] {port},
            (_, method, arguments) -> call(method, arguments)));
  }

  private Object call(Method method, Object[] arguments) throws Throwable {
    try {
      if (next == null || READS.contains(method.getName())) {
        return method.invoke(store, arguments);
      }
      if (next == Death.BEFORE_ANSWER) {
        var _ = method.invoke(store, arguments);
      }
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
    StoreException closed = new StoreException.Closed("died " + next);
    if (method.getReturnType() == CompletionStage.class) {
      return CompletableFuture.failedStage(closed);
    }
    throw closed;
  }
}
