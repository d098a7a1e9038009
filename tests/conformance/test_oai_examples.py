#!/usr/bin/env python3
"""Runs the Arazzo Specification's own examples of 1.0.0, as published, against scripted servers.

usage: test_oai_examples.py ARRAS [ROOT]

They are looked for in $ARRAS_EXAMPLES/oai-1.0.0 or ROOT/../shared/examples/oai-1.0.0; without them the test is skipped
(status 77). What keeps an example from running as it is stands here with the diagnostic that says so.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import engines
from case_file import Request, Response, read_json
from run import exact_body, json_text
from scripted_server import ScriptedServer

SECONDS = 30

# Descriptions that the examples refer to and that are not beside them.
ANIMALS = '''openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /animals:
    post:
      operationId: postAnimal
      parameters: [{name: authentication, in: cookie, schema: {type: string}}]
      responses: {default: {description: any}}
    parameters:
    - {name: workflowLevelParamOne, in: cookie, schema: {type: string}}
    - {name: workflowLevelParamTwo, in: header, schema: {type: string}}
  /animals/random:
    get:
      operationId: getRandomAnimal
      responses: {default: {description: any}}
    parameters:
    - {name: workflowLevelParamOne, in: cookie, schema: {type: string}}
    - {name: workflowLevelParamTwo, in: header, schema: {type: string}}
'''
PETSTORE = '''openapi: 3.0.3
info: {title: Petstore, version: "1"}
paths:
  /user/login:
    get:
      operationId: loginUser
      parameters:
      - {name: username, in: query, schema: {type: string}}
      - {name: password, in: query, schema: {type: string}}
      responses: {"200": {description: a token}}
  /pet/findByStatus:
    get:
      operationId: findPetsByStatus
      parameters: [{name: status, in: query, schema: {type: string}}]
      responses: {"200": {description: pets}}
'''


def arguments():
    program = pathlib.Path(shutil.which(sys.argv[1]) or sys.argv[1]).resolve()
    root = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else '.').resolve()
    folder = pathlib.Path(os.environ.get('ARRAS_EXAMPLES') or root.parent / 'shared/examples')
    return str(program), folder / 'oai-1.0.0'


def exchange(*pairs):
    """((first line, body), (status, JSON or None)) of each request, as the scripted server has it."""
    made = []
    for (first, body, headers), (status, answer) in pairs:
        request, response = Request(*first.split(' '), 0.0), Response(status)
        request.body, request.headers = body.encode(), headers
        if answer is not None:
            response.body = answer.encode()
            response.headers = [('Content-Type', 'application/json')]
        made.append([request, response])
    return made


def asks(first, body='', **headers):
    return first, body, [(name.replace('_', '-'), value) for name, value in headers.items()]


def answers(status, body=None):
    return status, body


class Examples(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix='arras-examples-')
        self.root = pathlib.Path(self.folder.name)
        for path in EXAMPLES.iterdir():
            shutil.copy(path, self.root)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        (self.root / name).write_text(text)

    def run_arras(self, document, *options, inputs=None):
        if inputs is not None:
            self.write('inputs.json', json.dumps(inputs))
            options += ('--inputs', 'inputs.json')
        done = subprocess.run([ARRAS, 'run', document, '--json', *options], cwd=self.root, capture_output=True,
                              timeout=SECONDS, env=engines.clean_environment(self.root), check=False)
        self.assertNotIn(b'Sanitizer', done.stderr)
        return done.returncode, read_json(done.stdout.decode())

    def succeeds(self, document, pairs, outputs, *options, warnings=(), inputs=None):
        with ScriptedServer(exact_body) as server:
            server.exchange = exchange(*pairs)
            status, told = self.run_arras(document, '--server', server.url, *options, inputs=inputs)
            self.assertEqual(server.errors + server.unfinished(), [], told.get('error'))
        self.assertEqual((status, told['status']), (0, 'succeeded'), told.get('error'))
        self.assertEqual(json_text(told['outputs']), outputs)
        self.assertEqual({warning['code'] for warning in told['warnings']}, set(warnings))

    def refused(self, document, code, line, message, *options, inputs=None):
        status, told = self.run_arras(document, '--server', 'http://127.0.0.1:9', *options, inputs=inputs)
        error = told.get('error', {})
        self.assertEqual((status, told['status']), (2, 'invalid'))
        self.assertEqual((error['code'], str(error['line']), error['message']), (code, str(line), message))

    # oauth.arazzo.yaml: nothing is wrong with it

    def test_oauth_client_credentials(self):
        token = asks('POST /oauth/token', 'client_id=me&client_secret=hush&grant_type=client_credentials',
                     Content_Type='application/x-www-form-urlencoded')
        self.succeeds('oauth.arazzo.yaml', [(token, answers(200, '{"access_token":"t"}'))], '{"access_token": "t"}',
                      'client-credentials-flow', inputs={'client_id': 'me', 'client_secret': 'hush'})

    BROWSER = asks('GET /authorize?client_id=me&redirect_uri=http%3A%2F%2Fme%2F&response_type=code&scope=read&state=12345')
    CODE = asks('POST /oauth/token', 'grant_type=authorization_code&code=c&redirect_uri=http%3A%2F%2Fme%2F&client_id=me'
                '&client_secret=hush')

    def test_oauth_authorization_code(self):
        self.succeeds('oauth.arazzo.yaml',
                      [(self.BROWSER, answers(200, '{"access_token":"a","code":"c"}')),
                       (self.CODE, answers(200, '{"access_token":"t","refresh_token":"r","expires_in":60}'))],
                      '{"access_token": "t", "refresh_token": "r", "expires_in": 60}', 'authorization-code-flow',
                      inputs={'client_id': 'me', 'client_secret': 'hush', 'redirect_uri': 'http://me/'})

    def test_oauth_refresh_calls_the_other_workflow(self):
        refresh = asks('POST /oauth/token', 'grant_type=refresh_token&refresh_token=r')
        self.succeeds('oauth.arazzo.yaml',
                      [(self.BROWSER, answers(200, '{"access_token":"a","code":"c"}')),
                       (self.CODE, answers(200, '{"access_token":"t","refresh_token":"r","expires_in":60}')),
                       (refresh, answers(200, '{"access_token":"u","refresh_token":"s","expires_in":30}'))],
                      '{"access_token": "u", "refresh_token": "s", "expires_in": 30}', 'refresh-token-flow',
                      inputs={'my_client_id': 'me', 'my_client_secret': 'hush', 'my_redirect_uri': 'http://me/'})

    # pet-coupons.arazzo.yaml: a step gives pet_id where the path needs petId

    def test_pet_coupons_apply(self):
        self.refused('pet-coupons.arazzo.yaml', 'missing-path-parameter', 36,
                     "operation 'getPetCoupons' needs the path parameter 'petId'", 'apply-coupon',
                     inputs={'my_pet_tags': ['a']})

    def test_pet_coupons_apply_mended(self):
        document = (self.root / 'pet-coupons.arazzo.yaml').read_text()
        self.assertIn('          - name: pet_id\n            in: path\n', document)
        self.write('mended.yaml', document.replace('          - name: pet_id\n            in: path\n',
                                                   '          - name: petId\n            in: path\n'))
        order = asks('POST /store/order', '{"petId":7,"couponCode":"SAVE","status":"placed","complete":false}')
        # the description calls the tags `tags`; a step that calls a workflow has no status of its own
        self.succeeds('mended.yaml',
                      [(asks('GET /pet/findByTags?pet_tags=a&pet_tags=b'), answers(200, '[{"id":7}]')),
                       (asks('GET /pet/7/coupons'), answers(200, '{"couponCode":"SAVE"}')),
                       (order, answers(200, '{"id":99}'))],
                      '{"apply_coupon_pet_order_id": 99}', 'apply-coupon', inputs={'my_pet_tags': ['a', 'b']},
                      warnings=['undeclared-parameter', 'called-response', 'optional-absent', 'credentials-outside'])

    def test_pet_coupons_buy(self):
        """Again a status of a step that calls a workflow."""
        order = asks('POST /store/order', '{"petId":7,"status":"placed","complete":false}')
        self.succeeds('pet-coupons.arazzo.yaml',
                      [(asks('GET /pet/findByStatus?status=available&page=1&pageSize=10'), answers(200, '[{"id":7}]')),
                       (order, answers(200, '{"id":99}'))],
                      '{"buy_pet_order_id": 99}', 'buy-available-pet',
                      warnings=['called-response', 'optional-absent', 'credentials-outside'])

    def test_pet_coupons_order(self):
        order = asks('POST /store/order', '{"petId":7,"quantity":2,"couponCode":"SAVE","status":"placed","complete":false}',
                     Content_Type='application/json')
        self.succeeds('pet-coupons.arazzo.yaml', [(order, answers(200, '{"id":99}'))], '{"workflow_order_id": 99}',
                      'place-order', inputs={'pet_id': 7, 'quantity': 2, 'coupon_code': 'SAVE'})

    # LoginAndRetrievePets.arazzo.yaml: its source is on the network, and its operationPath lacks the method

    def test_login_source(self):
        self.refused('LoginAndRetrievePets.arazzo.yaml', 'remote-document', 9,
                     "'https://raw.githubusercontent.com/swagger-api/swagger-petstore/"
                     "master/src/main/resources/openapi.yaml' is not read: nobody allowed to read from there by HTTP")

    def test_login_and_retrieve_pets(self):
        self.write('petstore.yaml', PETSTORE)
        pets = asks('GET /pet/findByStatus?status=available', Authorization='logged in user session:1')
        self.succeeds('LoginAndRetrievePets.arazzo.yaml',
                      [(asks('GET /user/login?username=me&password=hush'), answers(200, '"logged in user session:1"')),
                       (pets, answers(200, '[{"id":1}]'))],
                      '{"available": [{"id": 1}]}', '--source', 'petStoreDescription=petstore.yaml',
                      warnings=['undeclared-parameter', 'output-absent', 'operation-path-form'],
                      inputs={'username': 'me', 'password': 'hush'})

    # ExtendedParametersExample.arazzo.yaml: its source is not beside it

    def test_extended_parameters_source(self):
        self.refused('ExtendedParametersExample.arazzo.yaml', 'source-missing', 6,
                     "the source 'animals': there is no file './animals.yaml'")

    def test_extended_parameters(self):
        self.write('animals.yaml', ANIMALS)
        first = asks('POST /animals', workflowLevelParamTwo='someValue',
                     Cookie='authentication=SUPER_SECRET; workflowLevelParamOne=someValue')
        second = asks('GET /animals/random', workflowLevelParamTwo='someValue', Cookie='workflowLevelParamOne=someValue')
        self.succeeds('ExtendedParametersExample.arazzo.yaml', [(first, answers(201)), (second, answers(200))], '{}')

    # FAPI-PAR.arazzo.yaml: it says PAR where its description says Par

    FAPI = {'client_id': 'me', 'redirect_uri': 'http://me/', 'code_verifier': 'v', 'client_assertion': {'iss': 'me'},
            'PARrequestBody': {'client_id': 'me'},
            'TokenRequestBody': {'grant_type': 'a', 'code': 'b', 'redirect_uri': 'c', 'code_verifier': 'd'}}

    def test_fapi_operation(self):
        self.refused('FAPI-PAR.arazzo.yaml', 'unknown-operation', 102,
                     "the step 'PARStep': no operation 'PAR' in the source auth-api", inputs=self.FAPI)

    def test_fapi_guessed(self):
        kind = 'client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer'
        client = f'client_id=me&{kind}&client_assertion=%7B%22iss%22%3A%22me%22%7D'
        token = ('{\n  "grant_type": "authorization_code",\n  "code": "c",\n  "redirect_uri": "http://me/",\n'
                 '  "code_verifier": "v"\n}                      \n')
        self.succeeds('FAPI-PAR.arazzo.yaml',
                      [(asks(f'POST /as/par.oauth2?{client}', '{"client_id":"me"}'), answers(200, '{"request_uri":"urn:1"}')),
                       (asks('GET /as/authorize.oauth2?request_uri=urn%3A1&client_id=me'), answers(302, '{"code":"c"}')),
                       (asks(f'POST /as/token.oauth2?{client}', token), answers(200, '{"access_token":"t"}'))],
                      '{"access_token": {"access_token": "t"}}', '--lenient', warnings=['sibling-operation'],
                      inputs=self.FAPI)

    # bnpl-arazzo.yaml: its source is on the network, and a step uses its own output before it ran

    BNPL = {'customer': {'uri': 'http://customers/1'},
            'products': [{'productCode': 'p', 'purchaseAmount': {'currency': 'EUR', 'amount': 1}}]}

    def test_bnpl_source(self):
        self.refused('bnpl-arazzo.yaml', 'remote-document', 8,
                     "'https://raw.githubusercontent.com/OAI/Arazzo-Specification/main/examples/"
                     "1.0.0/bnpl-openapi.yaml' is not read: nobody allowed to read from there by HTTP", inputs=self.BNPL)

    def test_bnpl_own_output(self):
        self.refused('bnpl-arazzo.yaml', 'forward-reference', 231,
                     "the step 'authenticateCustomerAndAuthorizeLoan' uses '$steps.authenticateCustomerAndAuthorizeLoan."
                     "outputs.redirectAuthToken', but 'authenticateCustomerAndAuthorizeLoan' cannot have run before it",
                     '--source', 'BnplApi=bnpl-openapi.yaml', inputs=self.BNPL)

    def test_every_example_is_here(self):
        told = pathlib.Path(__file__).read_text()
        for path in EXAMPLES.glob('*arazzo.yaml'):
            self.assertIn(f"('{path.name}'", told)


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    ARRAS, EXAMPLES = arguments()
    if not EXAMPLES.is_dir():
        print(f'skipped: the examples are not at {EXAMPLES}')
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
