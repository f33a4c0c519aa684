/// Faults that the tests build into the runtime, one at a time, to show that their power failures
/// would find them. INAS_SEEDED_FAULT is 0 in every other build.
#ifndef INAS_FIRMWARE_SEEDED_FAULTS_H
#define INAS_FIRMWARE_SEEDED_FAULTS_H

#define INAS_FAULT_PARTIAL_SUMS_IN_PLACE 1
#define INAS_FAULT_SINGLE_PROGRESS_SLOT 2
#define INAS_FAULT_NO_CHECKSUM 3
#define INAS_FAULT_COMMIT_BEFORE_DATA 4
/* A layer that is resumed finds the reused operand in VM. */
#define INAS_FAULT_OPERAND_OUTLIVES_VM 5
/* The ledger begins anew only when it has run out, not at every boot. */
#define INAS_FAULT_LEDGER_OUTLIVES_POWER 6

#ifndef INAS_SEEDED_FAULT
#define INAS_SEEDED_FAULT 0
#endif

#endif
