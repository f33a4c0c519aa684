/* Register names and intrinsics of msp430.h, as DSPLib's start-up uses them. */
#include <DSPLib.h>

void msp_lea_init(void);
void msp_lea_init(void) {
  const uint16_t state = __get_interrupt_state();
  __disable_interrupt();
  msp_lea_ifg = 0;
  LEACNF0 = LEALPR | LEAILPM;
  LEACNF2 = LEAMT >> 2;
  LEAPMCTL |= LEACMDEN;
  LEAIE |= LEAPMCMDIE;
  LEAPMCB = LEACMD__MAC | LEAITFLG1;
  __bis_SR_register(GIE + LPM0_bits);
  __set_interrupt_state(state);
}
