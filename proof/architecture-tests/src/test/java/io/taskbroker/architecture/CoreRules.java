package io.taskbroker.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static io.taskbroker.architecture.BrokerModule.ADAPTERS_POSTGRES;
import static io.taskbroker.architecture.BrokerModule.ADAPTERS_SQLITE;
import static io.taskbroker.architecture.BrokerModule.APPLICATION;
import static io.taskbroker.architecture.BrokerModule.DOMAIN;
import static io.taskbroker.architecture.BrokerModule.SIMULATION;
import static io.taskbroker.architecture.BrokerModule.TESTKIT;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Transition;
import io.taskbroker.inflight.StoredState;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the core is like: the domain's rules, and the application's ports. */
final class CoreRules {
  /** More than that, and an adapter's author needs a week. */
  private static final int MOST_METHODS_OF_A_PORT = 9;

  private CoreRules() {}

  static Map<String, ArchRule> under(String root) {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    rules.put("only Lifecycle makes transitions", onlyLifecycleMakesTransitions(root));
    rules.put("states are made by Lifecycle or restored", statesAreMadeByLifecycle(root));
    rules.put("domain values do not change", domainValuesDoNotChange(root));
    rules.put("ports are interfaces", portsAreInterfaces(root));
    rules.put("ports are small", portsAreSmall(root));
    rules.put("ports declare no checked exceptions", portsDeclareNoCheckedExceptions(root));
    rules.put("failures are sealed and unchecked", failuresAreSealedAndUnchecked(root));
    return rules;
  }

  private static ArchRule onlyLifecycleMakesTransitions(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + "..")
        .and()
        .doNotBelongToAnyOf(Lifecycle.class)
        .should()
        .accessTargetWhere(isConstructorOf(Transition.Moved.class))
        .because("one place says which state may follow which");
  }

  /**
   * The engine and the journals restore what was stored, and the testkit and the simulation set
   * scenes.
   */
  private static ArchRule statesAreMadeByLifecycle(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + "..")
        .and()
        .doNotBelongToAnyOf(Lifecycle.class, ActivationState.class, StoredState.class)
        .and()
        .resideOutsideOfPackages(
            root + ".inflight.engine..",
            ADAPTERS_SQLITE.packages(root),
            ADAPTERS_POSTGRES.packages(root),
            SIMULATION.packages(root),
            TESTKIT.packages(root))
        .should()
        .accessTargetWhere(isConstructorOf(ActivationState.class))
        .because("a state that nobody decided on is a state that nobody can explain");
  }

  private static DescribedPredicate<JavaAccess<?>> isConstructorOf(Class<?> type) {
    return DescribedPredicate.describe(
        "a constructor of " + type.getSimpleName(),
        access ->
            access.getTarget().getName().equals("<init>")
                && access.getTargetOwner().isAssignableTo(type));
  }

  private static ArchRule domainValuesDoNotChange(String root) {
    return fields()
        .that()
        .areDeclaredInClassesThat()
        .resideInAPackage(DOMAIN.packages(root))
        .should()
        .beFinal()
        .because("the domain is values and pure functions");
  }

  private static ArchRule portsAreInterfaces(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".adapters..")
        .should(new ExtendAClassOfTheCore(root))
        .because("an adapter fills a port, and inherits nothing");
  }

  private static ArchRule portsAreSmall(String root) {
    return classes()
        .that()
        .resideInAPackage(APPLICATION.packages(root))
        .and()
        .areInterfaces()
        .should(new HaveFewMethods())
        .because("a port is one caller's need");
  }

  private static ArchRule portsDeclareNoCheckedExceptions(String root) {
    return methods()
        .that()
        .areDeclaredInClassesThat()
        .resideInAPackage(APPLICATION.packages(root))
        .and()
        .areDeclaredInClassesThat()
        .areInterfaces()
        .should()
        .notDeclareThrowableOfType(
            DescribedPredicate.describe(
                "checked", (JavaClass type) -> !type.isAssignableTo(RuntimeException.class)))
        .because("the caller can do nothing about another technology's exceptions");
  }

  private static ArchRule failuresAreSealedAndUnchecked(String root) {
    return classes()
        .that()
        .resideInAPackage(APPLICATION.packages(root))
        .and()
        .areAssignableTo(Throwable.class)
        .should(new BeUncheckedAndOfASealedFamily())
        .because("the subtype says what the caller can do, and there are no others");
  }

  private static final class ExtendAClassOfTheCore extends ArchCondition<JavaClass> {
    private final String root;

    ExtendAClassOfTheCore(String root) {
      super("extend a class of the core");
      this.root = root;
    }

    @Override
    public void check(JavaClass one, ConditionEvents events) {
      boolean extending =
          one.getAllRawSuperclasses().stream()
              .map(JavaClass::getPackageName)
              .anyMatch(
                  name ->
                      name.startsWith(root + ".domain") || name.startsWith(root + ".application"));
      events.add(new SimpleConditionEvent(one, extending, one.getName() + " extends the core"));
    }
  }

  private static final class HaveFewMethods extends ArchCondition<JavaClass> {
    HaveFewMethods() {
      super("have at most " + MOST_METHODS_OF_A_PORT + " methods");
    }

    @Override
    public void check(JavaClass one, ConditionEvents events) {
      long methods =
          one.getMethods().stream()
              .filter(method -> method.getModifiers().contains(JavaModifier.ABSTRACT))
              .count();
      events.add(
          new SimpleConditionEvent(
              one,
              methods <= MOST_METHODS_OF_A_PORT,
              one.getName() + " has " + methods + " methods"));
    }
  }

  private static final class BeUncheckedAndOfASealedFamily extends ArchCondition<JavaClass> {
    BeUncheckedAndOfASealedFamily() {
      super("be unchecked, and sealed or a subtype of what is sealed");
    }

    @Override
    public void check(JavaClass one, ConditionEvents events) {
      boolean unchecked = one.isAssignableTo(RuntimeException.class);
      boolean family =
          one.isSealed() || one.getRawSuperclass().filter(JavaClass::isSealed).isPresent();
      events.add(
          new SimpleConditionEvent(
              one, unchecked && family, one.getName() + " is checked, or of no sealed family"));
    }
  }
}
