/** @module A thread that dies while it is loaded. */
throw new Error("the engine's library is missing");
