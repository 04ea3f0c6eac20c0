// The MQTT front door.
export { createBroker, type Broker, type BrokerOptions } from "./create-broker.ts";
