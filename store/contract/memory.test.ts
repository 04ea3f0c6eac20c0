// The store in memory keeps the pipeline's contract.
import { ingestContract } from "./test-ingest-contract.ts";
import { memoryBed } from "./test-memory-bed.ts";
import { profileContract } from "./test-profile-contract.ts";

const open = () => Promise.resolve(memoryBed());
ingestContract("the store in memory", open);
profileContract("the store in memory", open);
