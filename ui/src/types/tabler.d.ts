// Tabler ships these behaviours as TypeScript sources that are checked under its own settings;
// this is the part of their face that we use.
interface Behaviour {
  show(): void;
  hide(): void;
  update(): void;
  toggle(): void;
  dispose(): void;
}

interface BehaviourClass {
  getInstance(element: Element): Behaviour | null;
  getOrCreateInstance(element: Element, options?: object): Behaviour;
}

declare const behaviour: BehaviourClass;
export default behaviour;
